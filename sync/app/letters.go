package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

// Letter is what could not be applied, with the reason.
type Letter = stream.DeadLetter

// Event is an event of the stream with its place there.
type Event = stream.Tailed

// Letters lists every dead letter, oldest first.
func (a *App) Letters(ctx context.Context) ([]Letter, error) {
	letters, err := stream.ReadLetters(ctx, a.Stream)
	return append([]Letter{}, letters...), err
}

// Letter returns one dead letter.
func (a *App) Letter(ctx context.Context, id string) (Letter, error) {
	letters, err := a.Letters(ctx)
	if err != nil {
		return Letter{}, err
	}
	if i := slices.IndexFunc(letters, func(l Letter) bool { return l.ID == id }); i >= 0 {
		return letters[i], nil
	}
	return Letter{}, noLetter(id)
}

func noLetter(id string) error {
	return &Error{Kind: NotFound, What: fmt.Sprintf("no dead letter has the id %q", id), Remedy: RemedyListLetters}
}

// RetryRequest names dead letters to send again; All: every one that was not sent again yet.
type RetryRequest struct {
	IDs    []string `json:"ids,omitempty"`
	All    bool     `json:"all,omitempty"`
	DryRun bool     `json:"dry_run,omitempty"`
}

// RetryResult says which letters were sent again, or would be; of the skipped ones nothing was decoded, or they were sent before.
type RetryResult struct {
	Sent    []string `json:"sent"`
	Skipped []string `json:"skipped"`
}

// RetryLetters puts events on the stream again. A letter is marked only after its event is durable; a crash in between sends
// it twice, which its keys make harmless.
func (a *App) RetryLetters(ctx context.Context, request RetryRequest) (RetryResult, error) {
	result := RetryResult{Sent: []string{}, Skipped: []string{}}
	if len(request.IDs) == 0 && !request.All {
		return result, &Error{Kind: Invalid, What: "no dead letter is named to be sent again", Remedy: RemedyListLetters}
	}
	letters, err := a.Letters(ctx)
	if err != nil {
		return result, err
	}
	for _, id := range request.IDs {
		if !slices.ContainsFunc(letters, func(l Letter) bool { return l.ID == id }) {
			return result, noLetter(id)
		}
	}
	for _, letter := range letters {
		if !request.All && !slices.Contains(request.IDs, letter.ID) {
			continue
		}
		if letter.Event == nil || !letter.RetriedAt.IsZero() {
			result.Skipped = append(result.Skipped, letter.ID)
			continue
		}
		result.Sent = append(result.Sent, letter.ID)
		if request.DryRun {
			continue
		}
		if err := a.Stream.Publish(ctx, []stock.Event{*letter.Event}); err != nil {
			return result, err
		}
		if err := a.Stream.MarkRetried(ctx, letter.ID); err != nil {
			return result, err
		}
	}
	return result, nil
}

// TailQuery asks for the newest events of the stream; Last is how many of each partition to begin with.
type TailQuery struct {
	Last   int
	Follow bool
}

// TailEvents hands events to visit, and with Follow goes on with new ones until ctx ends or visit returns an error.
func (a *App) TailEvents(ctx context.Context, q TailQuery, visit func(Event) error) error {
	return a.Topics.Tail(ctx, a.Stream, q.Last, q.Follow, visit)
}
