// Package demo shows evenstock to somebody who has no shop: a day of shop life in pretend shops while webhooks are lost and
// connections break, and in the end a verdict against what really happened.
//
// Before the day begins, a link file comes back from a spreadsheet that made one SKU of two. That nothing of it is taken but what the
// spreadsheet left alone is a part of the verdict.
//
// What is under test is handed in and asked through Evenstock alone, as any client could: the demo has no way of its own to a
// ledger, so it cannot judge by what evenstock believes. What the shops' counters really went through is in their truth logs.
package demo
