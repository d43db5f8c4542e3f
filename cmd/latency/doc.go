// Command latency measures how long evenstock takes from a sale at one counter to the other counter, as a shop would see it: a whole
// evenstock binary against a pretend Square and a pretend Shopify over HTTP.
//
// # What it does
//
// For each scenario, and for each binary in turn, so that before and after stand side by side under the same load of the machine,
// it opens two fresh pretend shops whose answers take 15 to 60 ms and whose budgets are the scenario's, starts the binary in a fresh
// folder, links and baselines it through its own command line, and lets shop life run that is as busy as 60 shops. It knows the
// binary by nothing but commands, configuration and webhooks, so that older builds can be measured too. It ends what it started
// and removes what it wrote.
//
// # What the figures mean
//
//   - webhook -> write: from the moment that a platform begins to send the webhook of a change, to the moment that the other platform
//     carries out the write that makes up for the change: the first one after which our writes add up to all that had happened
//     by then, or later. Shop life that undid itself before a write was needed is not counted. Half of the write's 15 to 60 ms is in it.
//   - till -> web: those of them that happened at the till.
//   - sale -> equal: the same from the change itself, for lost webhooks and platforms that deliver late.
//   - open: changes that no write made up for before the run was over; they are in no percentile.
//   - happenings: all that life did, a fulfilment that moves no counter too. Requests, refused ones too, and points are those of
//     everything that the binary asked for meanwhile, per happening. What requests asked for is told apart: Shopify's by their operations,
//     Square's by their paths, and its listings by whether they name refs (our reads) or do not (sweeps).
//   - oversold: by how many units the stock of articles fell below zero. Beside it the unavoidable: what the same customers
//     oversell, on average, when each sale takes the other counter down with a request that is sent in the very moment that the platform
//     tells it, or tells a later one of the same counter if that comes first: what is told is what the counter shows.
//   - best: the least time in which the platforms' budgets let the same be done with full pages and nothing asked for in vain. What a platform
//     lists by cursors comes one page after the other, each after an answer's time; all else can be under way at once, and only the budget
//     is in its way. For an import the counters are read twice, three seconds apart where a platform keeps no history: for the plan and for
//     the baselines; see bestImport and bestSweep.
//     Processor time is none of it: beside other work on the machine the ratio to it says little, and the processor time more.
//
// # How to run it
//
//	go run ./cmd/latency -binary OLD -binary NEW -scenario 'calm-40-*,last-units' -repeat 3
//	go run ./cmd/latency -binary NEW -binary NEW -config-extra slow.yaml -for 30s -warmup 20s -json
//
// All of it takes about half an hour for each binary. A minute has some two hundred changes, so that a 99th percentile hangs on two of
// them: repeat before you believe it, and what is oversold before all.
//
// Other work on the machine shows in every figure: where there is any, put "nice -n -15" before it. Never give it a real-time class
// (chrt): it and the binary would starve the kernel's own threads, on which both wait, and everybody else.
//
// # What must come out
//
// Times are p50 / p95 / p99 in milliseconds, from webhook to write unless it says otherwise; "make build" makes bin/evenstock, and each
// command but the last begins with "go run ./cmd/latency -binary bin/evenstock". What stands as measured is one run of half a minute to two
// on two cores with much other work beside it (a load of 10 to 30, and of 10 for the import and the full sweep after it), which shows in the
// tails and in the times of all that takes the processor.
//
//	figure                                        command                                 must              measured
//	calm, Square 40/s                             -scenario calm-40-2000                  100 / 250 / 400   49 / 156 / 271
//	calm, Square 200/s, found from 5/s            -scenario calm-200-2000                 110 / 300 / 500   78 / 220 / 305
//	calm, Square 6/s                              -scenario calm-6-2000                   250 / 900 / 1500  51 / 169 / 263, two 429
//	requests per happening, calm                  -scenario calm-6-2000,calm-40-2000      1.6               1.51, 1.32
//	till -> web p99, full sweep of 10,000 levels  -scenario sweep                         2000              319
//	sale -> equal p99, every webhook lost         -scenario lost                          10000             2108
//	last ten units, oversold / the unavoidable    -scenario last-units -repeat 5          1.5               1.63 (fifteen runs)
//	import of 5,000 articles x 2 / best           -scenario import                        1.3, 25 CPU s     5.2 (15.7 s), 7.5 CPU s
//	full sweep of the same / best                 -scenario import                        1.3               6.9 (5.2 s), 3.1 CPU s
//	a long day: verdict, CPU of minute 50 / of 5  bin/evenstock demo --for 55m --seed 77  PASS, 1.2, 90 MB  PASS, 1.1, 88 MB
//	and memory in the end
//
// Part of what the last units miss of the best is the brake on mass changes: three tenths of all that this shop has are sold in a second,
// before their causes are told. With brakes.max_percent at 100 the ratio was 1.43 (four runs).
//
// What lanes and budgets promise by themselves is tested with a clock that nobody waits for: that a push goes before a hundred thousand
// sweeps, and how a budget climbs, falls, takes a single denial and a storm of them (go test ./adapters/budget). How long the next
// hundred of a hundred thousand wishes take: go test ./ledger/sqlite -run '^$' -bench Due.
//
// # What it does not do
//
// It judges no correctness: evenstock demo and the simulator do. CPU and memory are read from /proc, so elsewhere than on Linux they
// are missing. The pretend shops run in this process and use the same cores as the binary.
package main
