package main

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
)

// gauge is what has been used by a moment.
type gauge struct {
	at         time.Time
	till, web  int64 // requests, refused ones too
	asked      map[string]int64
	tillDenied int64
	webDenied  int64
	points     float64
	cpu        time.Duration
	rss        int64
}

func (r *run) gauge() gauge {
	g := gauge{at: time.Now(), tillDenied: r.stage.square.Requests()["throttled"], webDenied: r.stage.shopify.Requests()["throttled"]}
	var ofWeb map[string]int64
	g.till, g.asked = r.stage.till.asked.all()
	g.web, ofWeb = r.stage.web.asked.all()
	g.asked = merged(g.asked, ofWeb)
	g.points, _ = r.stage.shopify.Points()
	g.cpu, g.rss = resources(r.program.serve.Process.Pid)
	return g
}

// outcome is what was measured of a binary in a scenario, in one run or several.
type outcome struct {
	scenario, binary string
	runs             int
	happenings       int64
	followed
	till, web, tillDenied, webDenied int64
	asked                            map[string]int64
	points                           float64
	cpu, took                        time.Duration
	rss                              int64
	oversold                         int64
	unavoidable                      float64
	imported, importCPU, swept       time.Duration
}

// take takes what a window used, and what became of its changes.
func (o *outcome) take(from, to gauge, happenings int64, f followed) {
	o.happenings, o.followed = happenings, f
	o.till, o.web, o.asked = to.till-from.till, to.web-from.web, since(from.asked, to.asked)
	o.tillDenied, o.webDenied = to.tillDenied-from.tillDenied, to.webDenied-from.webDenied
	o.points, o.cpu, o.took, o.rss = to.points-from.points, to.cpu-from.cpu, to.at.Sub(from.at), to.rss
}

// add adds another run of the same.
func (o *outcome) add(more outcome) {
	o.runs += more.runs
	o.happenings += more.happenings
	o.webhook, o.tillToWeb, o.sale = slices.Concat(o.webhook, more.webhook), slices.Concat(o.tillToWeb, more.tillToWeb), slices.Concat(o.sale, more.sale)
	o.open += more.open
	o.till, o.web, o.asked = o.till+more.till, o.web+more.web, merged(o.asked, more.asked)
	o.tillDenied, o.webDenied = o.tillDenied+more.tillDenied, o.webDenied+more.webDenied
	o.points += more.points
	o.cpu, o.took, o.rss = o.cpu+more.cpu, o.took+more.took, max(o.rss, more.rss)
	o.oversold, o.unavoidable = o.oversold+more.oversold, o.unavoidable+more.unavoidable
	o.imported, o.importCPU, o.swept = o.imported+more.imported, o.importCPU+more.importCPU, o.swept+more.swept
}

// row is an outcome as it is printed. Times are in milliseconds or seconds, as their names say; what a scenario is not about is left out.
type row struct {
	Scenario   string             `json:"scenario"`
	Square     float64            `json:"square_per_second"`
	Shopify    plan               `json:"shopify"`
	Binary     string             `json:"binary"`
	Runs       int                `json:"runs"`
	Happenings int64              `json:"happenings,omitempty"`
	Webhook    *judge.Percentiles `json:"webhook_to_write_ms,omitempty"`
	TillToWeb  *judge.Percentiles `json:"till_to_web_ms,omitempty"`
	Sale       *judge.Percentiles `json:"sale_to_equal_ms,omitempty"`
	Changes    int                `json:"changes,omitempty"`
	Open       int                `json:"open"`
	// Requests and points are per happening.
	TillRequests float64 `json:"square_requests,omitempty"`
	WebRequests  float64 `json:"shopify_requests,omitempty"`
	Points       float64 `json:"points,omitempty"`
	// Asked is the requests by what they asked for.
	Asked      map[string]float64 `json:"asked,omitempty"`
	TillDenied int64              `json:"square_429"`
	WebDenied  int64              `json:"shopify_throttled"`
	Oversold   int64              `json:"oversold"`
	// Unavoidable is what no middleware could have avoided of it.
	Unavoidable float64 `json:"unavoidable,omitempty"`
	// CPU is processor time per minute.
	CPU       float64 `json:"cpu_seconds_per_minute,omitempty"`
	RSS       int64   `json:"rss_mib,omitempty"`
	Import    float64 `json:"import_seconds,omitempty"`
	ImportCPU float64 `json:"import_cpu_seconds,omitempty"`
	// BestImport and BestSweep are the least that the budgets allow.
	BestImport float64 `json:"best_import_seconds,omitempty"`
	Sweep      float64 `json:"sweep_seconds,omitempty"`
	BestSweep  float64 `json:"best_sweep_seconds,omitempty"`
}

// row is the outcome as it is printed; sums of several runs become means.
func (o outcome) row(s scenario) row {
	r := row{Scenario: s.name, Square: s.square, Shopify: s.plan, Binary: o.binary, Runs: o.runs, Happenings: o.happenings, Open: o.open,
		Changes: len(o.sale) + o.open, TillDenied: o.tillDenied, WebDenied: o.webDenied, Oversold: o.oversold, Unavoidable: o.unavoidable, RSS: o.rss >> 20}
	r.Webhook, r.TillToWeb, r.Sale = percentilesOf(o.webhook), percentilesOf(o.tillToWeb), percentilesOf(o.sale)
	if n := float64(o.happenings); n > 0 {
		r.TillRequests, r.WebRequests, r.Points = float64(o.till)/n, float64(o.web)/n, o.points/n
		r.Asked = map[string]float64{}
		for kind, count := range o.asked {
			r.Asked[kind] = float64(count) / n
		}
	}
	if o.took > 0 {
		r.CPU = o.cpu.Seconds() / o.took.Minutes()
	}
	runs := float64(o.runs)
	r.Import, r.ImportCPU, r.BestImport = o.imported.Seconds()/runs, o.importCPU.Seconds()/runs, bestImport(s).Seconds()
	if o.swept > 0 {
		r.Sweep, r.BestSweep = o.swept.Seconds()/runs, bestSweep(s).Seconds()
	}
	return r
}

// percentilesOf is nil when nothing was measured.
func percentilesOf(times []time.Duration) *judge.Percentiles {
	if len(times) == 0 {
		return nil
	}
	p := judge.PercentilesOf(times)
	return &p
}
