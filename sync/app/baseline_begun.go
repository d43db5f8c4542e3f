package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
)

// begunBaseline is what a baseline that is interrupted has to go on with.
type begunBaseline struct {
	Job string `json:"job"`
	// Plan is the id of the plan that it began with; empty: it had made none yet.
	Plan string `json:"plan"`
	// Seq is the last entry before it.
	Seq int64 `json:"seq,omitempty"`
	// Refs is how many baselines were wished for; 0: not all of them were.
	Refs int `json:"refs,omitempty"`
}

// begunMark is under which name it is stored. It outlives its job, whose id it says.
const begunMark = "job/baseline/begun"

func (a *App) keepBegun(ctx context.Context, begun begunBaseline) error {
	text, err := json.Marshal(begun)
	if err != nil {
		return fmt.Errorf("encoding what a baseline began with: %w", err)
	}
	_, err = a.Ledger.Apply(ctx, nil, ledger.Batch{At: a.Now(), Marks: map[string]string{begunMark: string(text)}})
	return err
}

// beginsNow is a baseline that begins behind all entries there are.
func (a *App) beginsNow(ctx context.Context, job string) (begunBaseline, error) {
	receipt, err := a.Ledger.Apply(ctx, nil, ledger.Batch{At: a.Now()})
	return begunBaseline{Job: job, Seq: receipt.LastSeq}, err
}

// begun returns how far a job came; the zero value when it had made no plan.
func (a *App) begun(ctx context.Context, job string) (begun begunBaseline, err error) {
	text, err := a.Ledger.Mark(ctx, begunMark)
	if err != nil || text == "" {
		return begun, err
	}
	if err := json.Unmarshal([]byte(text), &begun); err != nil {
		return begun, fmt.Errorf("reading what a baseline began with: %w", err)
	}
	if begun.Job != job {
		begun = begunBaseline{}
	}
	return begun, nil
}
