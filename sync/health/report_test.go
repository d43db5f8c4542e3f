package health

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExamineAsksAtTheSameTime: each of two probes waits for the other, and the report keeps their order.
func TestExamineAsksAtTheSameTime(t *testing.T) {
	t.Parallel()
	first, second := make(chan struct{}), make(chan struct{})
	meet := func(mine, other chan struct{}, say func(*Checks)) Probe {
		return func(context.Context) (list Checks) {
			close(mine)
			<-other
			say(&list)
			return list
		}
	}
	report := Examine(t.Context(),
		meet(first, second, func(list *Checks) { list.Warn(CodeDisk, "a", RemedyRoom) }),
		meet(second, first, func(list *Checks) { list.OK(CodeServe, "b") }))
	require.Equal(t, Warn, report.Result)
	require.Equal(t, Checks{{Code: CodeDisk, Result: Warn, Detail: "a", Remedy: RemedyRoom}, {Code: CodeServe, Result: OK, Detail: "b"}}, report.Checks)
}

func TestReportResult(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		results []Result
		want    Result
		reasons []string
	}{
		{"nothing looked at", nil, OK, []string{}},
		{"all well", []Result{OK, OK}, OK, []string{}},
		{"a warning is no reason", []Result{OK, Warn, OK}, Warn, []string{}},
		{"the worst counts", []Result{Warn, Fail, OK, Fail}, Fail, []string{"detail 1", "detail 3"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report := Examine(t.Context(), func(context.Context) (list Checks) {
				for i, result := range test.results {
					list = append(list, Check{Result: result, Detail: "detail " + string(rune('0'+i))})
				}
				return list
			})
			require.Equal(t, test.want, report.Result)
			require.Equal(t, test.reasons, report.Reasons())
		})
	}
}

// TestNothingIsWellAndIll: one thing is either well or it is not; the same of another channel is another thing.
func TestNothingIsWellAndIll(t *testing.T) {
	t.Parallel()
	report := Examine(t.Context(), func(context.Context) (list Checks) {
		list.OK(CodeWorker, "works")
		list = list.Of("till")
		list.OK(CodeServe, "ready")
		return list
	}, func(context.Context) (list Checks) {
		list.Warn(CodeServe, "not ready", RemedyLog)
		list.OK(CodeLedger, "current")
		return append(list, Check{Code: CodeWorker, Result: Fail, Channel: "web", Detail: "401"})
	})
	require.Equal(t, Checks{{Code: CodeWorker, Result: OK, Channel: "till", Detail: "works"}, {Code: CodeServe, Result: Warn, Detail: "not ready", Remedy: RemedyLog},
		{Code: CodeLedger, Result: OK, Detail: "current"}, {Code: CodeWorker, Result: Fail, Channel: "web", Detail: "401"}}, report.Checks)
}

// TestReportAsJSON: a report is an answer of an API; an empty one has a list all the same.
func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(Examine(t.Context()))
	require.NoError(t, err)
	require.JSONEq(t, `{"result": "ok", "checks": []}`, string(text))
	var list Checks
	list.Fail(CodeToken, "401", RemedyToken, "read", "write")
	text, err = json.Marshal(list.Of("till"))
	require.NoError(t, err)
	require.JSONEq(t, `[{"code": "channel.token", "result": "fail", "channel": "till", "detail": "401", "remedy_code": "channel.token.new", "with": ["read", "write"]}]`, string(text))
}

// TestCodesAreStable pins codes and remedies, which rules keep: a line may be added here, none changed.
func TestCodesAreStable(t *testing.T) {
	t.Parallel()
	require.Equal(t, []Code{"config", "data.folder", "disk.low", "serve.ready", "serve.worker", "ledger.readable", "ledger.set-aside", "ledger.waiting", "ledger.gone",
		"broker.folder", "stream.storage", "channel.secrets", "channel.token", "channel.locations", "channel.clock", "channel.webhook", "channel.deliveries", "channel.places",
		"ledger.brakes", "serve.config", "ledger.no-level", "ledger.unexplained", "stream.brokers", "serve.role", "serve.merchant"}, Codes())
	require.Equal(t, []Remedy{"config.correct", "config.check", "data.folder.create", "data.folder.enter", "data.folder.write", "data.folder.other",
		"data.folder.close", "disk.room", "serve.restart", "serve.log", "serve.channel", "ledger.begin", "ledger.upgrade", "ledger.migrate",
		"ledger.verify", "push.list", "link.waiting", "link.gone", "broker.folder.move", "broker.folder.read", "channel.token.new", "channel.reach", "channel.address", "channel.shop", "channel.locations.correct",
		"channel.locations.open", "clock.set", "channel.webhook.register", "channel.webhook.secret", "channel.webhook.key", "report", "channel.deliveries.cause", "channel.places.link",
		"brakes.list", "serve.config.restart", "serve.config.correct", "baseline.open", "explain.look", "ledger.restore",
		"ledger.reach", "stream.brokers.reach", "stream.topics.settings"}, Remedies())
}
