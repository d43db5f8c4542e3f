package health

import (
	"context"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

// Stream looks whether the stream keeps what it is given; ready is what the intake asks for every delivery.
func Stream(ready func() error) Probe {
	return func(context.Context) (list Checks) {
		if err := ready(); err != nil {
			list.Fail(CodeStream, "the stream: "+err.Error(), RemedyLog)
			return list
		}
		list.OK(CodeStream, "keeps what it is given")
		return list
	}
}

// Brokers looks whether the brokers of a cluster answer, and whether our topics there are as they must be. ask says what is wrong with
// them.
func Brokers(addresses []string, ask func() (faults []string, err error)) Probe {
	return func(context.Context) (list Checks) {
		faults, err := ask()
		if err != nil {
			list.Fail(CodeBrokers, err.Error(), RemedyBrokers, addresses...)
			return list
		}
		for _, fault := range faults {
			list.Warn(CodeBrokers, fault, RemedyTopics)
		}
		list.OK(CodeBrokers, "%s answer", strings.Join(addresses, ", "))
		return list
	}
}

// Role says what the process does in a cluster: it works on the ledger, or stands by for one that does. Either way it takes webhooks in.
func Role(standsBy bool) Probe {
	return func(context.Context) (list Checks) {
		if standsBy {
			list.OK(CodeRole, "stands by: another process works on the ledger")
		} else {
			list.OK(CodeRole, "works on the ledger")
		}
		return list
	}
}

// answerTime is how long a ledger may take to answer: whoever asks whether all is well does not wait longer.
const answerTime = 5 * time.Second

// Consumed looks whether the ledger says how far it has consumed a topic: the cheapest question that needs an answer before
// anything is applied.
func Consumed(store ledger.Positions, topic string) Probe {
	return func(ctx context.Context) (list Checks) {
		ctx, cancel := context.WithTimeout(ctx, answerTime)
		defer cancel()
		if _, err := store.Cursors(ctx, topic); err != nil {
			list.Fail(CodeLedger, "the ledger: "+err.Error(), RemedyLog)
			return list
		}
		list.OK(CodeLedger, "answers")
		return list
	}
}
