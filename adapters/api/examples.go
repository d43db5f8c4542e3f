package api

import (
	"reflect"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// One sale at a till, told by every operation.
var (
	exampleTime   = time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)
	exampleItem   = stock.Item{ID: "item-4kqsa2vd7w6mzrtx", SKU: "TEE-M", Name: "Organic tee, M"}
	exampleRef    = stock.Ref{Channel: "web", Item: "45000000000053", Location: "77"}
	exampleCall   = "9f14f047-2a39-4d58-8a6c-1f6f1c6c8f10"
	exampleLevel  = stock.Units(7)
	exampleShelf  = app.Shelf{SKU: exampleItem.SKU, Name: exampleItem.Name, Item: exampleItem.ID, Location: "main", Opened: true, Level: exampleLevel, Even: explain.EvenYes, Channels: []app.Counter{{Channel: exampleRef.Channel, Ref: exampleRef, Status: ledger.Live.String(), Expected: &exampleLevel, State: explain.StateEven, Version: exampleTime}}}
	exampleRow    = app.LinkRow{SKU: exampleItem.SKU, Name: exampleItem.Name, Channel: "web", Item: exampleRef.Item, SoldAs: "43000000000053"}
	exampleLinked = []app.LinkedLocation{{Location: "77", Ours: "main", Status: ledger.Live.String()}}

	exampleSuggestion = app.Suggestion{Links: []app.LinkRow{exampleRow}, Problems: []string{"web item 45000000000060 (Poster) has no SKU"}, Matches: 1,
		Hints: []app.Hint{{Kind: "zeros", Confidence: "medium", A: app.Article{Channel: "till", Item: "FUXX6PQXBBRQ6LNVEWJNSKYQ", SKU: "00417", Name: "Pen"},
			B: app.Article{Channel: "web", Item: "45000000000061", SKU: "417", Name: "Pen, red"}}},
		LeftOut: []app.LeftOut{{Channel: "web", Reason: stock.Archived, Count: 1, Names: []string{"Winter hat"}}}}
	exampleWaiting = app.WaitingRef{SKU: exampleItem.SKU, Name: exampleItem.Name, Ref: exampleRef, Location: "main", Since: exampleTime,
		CameWith: stock.Units(50), CameTo: stock.Units(52), Counted: stock.Units(50), Level: stock.Units(51), Answers: []app.JoinAnswer{
			{How: ledger.JoinAdd.String(), Becomes: stock.Units(101)}, {How: ledger.JoinLevel.String(), Becomes: stock.Units(51)}, {How: ledger.JoinCounter.String(), Becomes: stock.Units(49)},
		}, Remedy: app.RemedyJoin}
	exampleJoined = app.Joined{WaitingRef: exampleWaiting, How: ledger.JoinLevel.String(), Becomes: stock.Units(51),
		Pushes: []app.JoinPush{{Ref: exampleRef, From: stock.Units(50), Delta: stock.Unit}}}
	exampleRefused = app.RowFinding{Row: 7, Code: app.RowRenamed, SKU: "417", Channel: "web", Item: "45000000000061",
		What: `the catalog says "00417", the file says "417": a spreadsheet may have rewritten it`, Remedy: app.RemedyFreshFile}
	exampleImported = app.LinkResult{Refs: 2, Items: 1, Rows: &app.RowCounts{Given: 3, Linked: 2, Refused: 1}, Opens: 2, Refused: []app.RowFinding{exampleRefused}}

	exampleExplained = explain.Shelf{Location: "main", Opened: true, Level: exampleLevel, Sum: exampleLevel, Faults: []string{}, Causes: []explain.Cause{
		{Entry: 45, Quantity: stock.Units(8), Cause: ledger.Opening.String(), Channel: "till", Note: "counted there, by the authority", OccurredAt: exampleTime, RecordedAt: exampleTime},
		{Entry: 54, Quantity: -stock.Unit, Cause: ledger.Sold.String(), Channel: "till", Evidence: stock.Evidence{"adjustment_id": "E247SHANCEGJDYRWMKK2UONQ"}, OccurredAt: exampleTime.Add(time.Minute), RecordedAt: exampleTime.Add(time.Minute)},
	}, Unexplained: []explain.Unexplained{}, Counters: []explain.Counter{}, Trail: []*explain.Step{}}

	exampleSettled = app.Settled{SKU: exampleItem.SKU, Name: exampleItem.Name, Ref: exampleRef, Location: "main", As: []string{"shrinkage"}, Quantity: -stock.Unit, Level: exampleLevel}

	exampleConfiguration = health.Configuration{File: "/etc/evenstock/evenstock.yaml", ReadAt: exampleTime, Difference: health.DifferentValues,
		ChangedAt: exampleTime.Add(29 * time.Minute)}
	exampleStatus = app.Status{Configuration: &exampleConfiguration, Serving: true, NotReady: []string{}, Workers: []app.Worker{{Channel: "till", Since: exampleTime}},
		Deliveries: []app.Deliveries{{Channel: "till", Taken: 41, LastTaken: exampleTime, Refused: []app.Refusals{{Reason: "bad_signature", Count: 2, Last: exampleTime}}}}, Items: 1, Shelves: 1, Entries: 54,
		Refs: map[string]int64{ledger.Live.String(): 2}, Wishes: []app.Wishes{{Channel: "web", Pushes: 1}},
		Places:  []app.Place{{Channel: "web", ID: "78", Location: "stall", Missing: 12}},
		Brakes:  []app.BrakeSummary{{Kind: ledger.MassChange.String(), Channel: "web", Brakes: 1, Held: 309, Since: exampleTime, Remedy: app.RemedyReleaseBrake}},
		Budgets: []app.Budget{{Channel: "till", Budget: stock.Budget{PerSecond: 5, Available: 1.5, Most: 2.5, Lanes: []stock.LaneState{{Lane: stock.Pushes.String(), Granted: 12, WaitedMost: 80}}}}},
		Endings: []app.Endings{{Channel: "till", Ending: ledger.Done.String(), Reason: "reading", Count: 12}}}

	examplePlanned = app.PlannedShelf{SKU: exampleItem.SKU, Location: "main", Counts: map[stock.Channel]string{"till": "8", "web": "9"}, Opening: &exampleLevel,
		Pushes: map[stock.Channel]string{"web": "-1"}}
	examplePlan = app.BaselinePlan{Shelves: []*app.PlannedShelf{&examplePlanned}, ID: "3d1f9a02-7be0c455",
		Shown: []app.ShownCounts{{Channel: exampleRef.Channel, Location: exampleRef.Location, ReadAt: exampleTime, Counts: map[string]stock.Quantity{exampleRef.Item: stock.Units(9)}}}, Summary: app.PlanSummary{Opens: 1,
			Channels: []app.PlannedChannel{{Channel: "till", Shown: stock.Units(8)}, {Channel: "web", Changed: 1, Units: stock.Unit, Shown: stock.Units(9)}},
			Falls:    []app.PlannedChange{{SKU: exampleItem.SKU, Location: "main", Channel: "web", From: stock.Units(9), To: stock.Units(8)}}, Raises: []app.PlannedChange{}}}

	exampleBrake = app.Brake{ID: "mass-change/web/1795444200000000000", Kind: ledger.MassChange.String(), Channel: "web", Since: exampleTime,
		Change: &app.MassChange{Since: exampleTime.Add(-10 * time.Minute), Shelves: 312, Units: stock.Units(2190), Before: stock.Units(4011), Parts: stock.Units(297), Stocked: 608, MaxShelves: 250, MaxPercent: 30, WindowMinutes: 10},
		Held:   1, Articles: []app.BrakedArticle{{SKU: exampleItem.SKU, Location: "main", Ref: exampleRef, Before: &exampleLevel, Now: exampleLevel, Held: true,
			Origins: []app.Origin{{Ref: stock.Ref{Channel: "till", Item: "FUXX6PQXBBRQ6LNVEWJNSKYQ", Location: "L8A1XYZ"}, Changes: []app.OriginChange{{At: exampleTime, Quantity: -exampleLevel, PutBack: exampleLevel}}}}}},
		Remedy: app.RemedyReleaseBrake}
	exampleRelease = app.ReleaseResult{Brake: exampleBrake, Pushes: []app.ReleasedPush{{SKU: exampleItem.SKU, Location: "main", Ref: exampleRef, From: exampleLevel}}}

	exampleRun     = ledger.Run{ID: "0d0c9a54-6d0f-4b62-9d63-7cf1f3b0d9a7", Kind: "full", Channel: "web", StartedAt: exampleTime, EndedAt: exampleTime.Add(time.Minute), Read: 1200, Repaired: 1}
	exampleFinding = ledger.Finding{ID: exampleRun.ID + "/1", Run: exampleRun.ID, At: exampleTime, Class: "missed delivery", Channel: "web", Ref: exampleRef,
		Shelf: stock.Shelf{Item: exampleItem.ID, Location: "main"}, SKU: exampleItem.SKU, Action: "taken into the ledger"}

	exampleCancelled = app.CancelledBaseline{Job: "5b6c8c1a-3e6b-4a0e-9f49-55c5e1d0a4bb", Opened: []app.CancelledShelf{{SKU: "TEE-M", Name: "A tee, size M", Location: "main"}},
		Left: []app.CancelledShelf{{SKU: "MUG", Name: "A mug", Location: "main"}}}
	exampleBaseline = app.Job{ID: "5b6c8c1a-3e6b-4a0e-9f49-55c5e1d0a4bb", Kind: app.JobBaseline, By: "alice", State: app.JobRunning, StartedAt: exampleTime, Progress: "310 of 1200 baselines taken, 12 counters still to be pushed"}
	exampleSweep    = app.Job{ID: "8c0f8a53-7a0e-4c77-a6c3-2d8a9d3b6f0e", Kind: app.JobSweep, By: "alice", State: app.JobDone, StartedAt: exampleTime, EndedAt: exampleTime.Add(time.Minute), Sweeps: []app.SweepResult{{Run: exampleRun, Findings: []ledger.Finding{exampleFinding}}}}
	exampleVerify   = app.Job{ID: "f1c8a6de-0f2c-4f0b-8a54-0c9a5a2a7f11", Kind: app.JobVerify, By: "alice", State: app.JobRunning, StartedAt: exampleTime, Progress: "verifying: 40 %"}

	exampleEvent  = stock.Event{ID: "b3adf364-4937-436e-a833-49c72b4baee8", Channel: "till", Topic: "inventory.count.updated", ObservedAt: exampleTime, Reading: &stock.Reading{Ref: stock.Ref{Channel: "till", Item: "FUXX6PQXBBRQ6LNVEWJNSKYQ", Location: "L8A1XYZ"}, Status: stock.Counted, Quantity: exampleLevel, Version: exampleTime}}
	exampleLetter = app.Letter{ID: "3f2a9c1b7e44", At: exampleTime, Reason: "the body is no JSON", Source: "webhook", Channel: "web", Topic: "orders/create", Size: 1200, SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
	exampleTailed = app.Event{Partition: 3, Offset: 1204, Event: &exampleEvent}
)

var tailedType = reflect.TypeFor[app.Event]()
