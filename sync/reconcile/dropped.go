package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// An unlinked ref is asked about no more. What others did to one that waited to join its shelf is in no level, and what was typed in
// twice, or over a mark, may be in the level twice; neither follows from the links then, so a finding keeps what a person was still to say.

// ClassDropped is the class of findings about questions that ended with a link, unanswered.
const ClassDropped = "question dropped"

// Dropped are the questions about a ref that are open and end with its link, of which nothing says so afterwards. The refs are those of its
// shelf.
func Dropped(ref ledger.Ref, shelf ledger.ShelfState, refs []ledger.Ref, at time.Time) (dropped []ledger.Finding) {
	name := ref.State.Ref
	finding := func(question string, evidence stock.Evidence, action string) {
		dropped = append(dropped, ledger.Finding{ID: fmt.Sprintf("%s/%s/%s/%s", ClassDropped, name, question, strconv.FormatInt(at.Unix(), 10)), At: at,
			Class: ClassDropped, Channel: name.Channel, Ref: name, Shelf: shelf.Shelf, Evidence: evidence, Action: action})
	}
	if pending := ref.State.Joining; pending != nil && pending.Others != 0 {
		finding("join", stock.Evidence{"others": pending.Others.String(), "since": evidenceTime(pending.Since), "counted": ref.State.Expected.String(), "level": shelf.Level.String()},
			fmt.Sprintf("others did %s to it while it waited, and no level has that: if these were goods of this shelf, change a count that stays linked by %s",
				signed(pending.Others), signed(pending.Others)))
	}
	for _, brake := range Unanswered(name, shelf, refs, at) {
		question := droppedQuestions[brake.Kind]
		if brake.Evidence[evidenceHidden] != "" {
			question = droppedOver
		}
		finding(brake.Kind.String(), with(brake.Evidence, "level", shelf.Level.String()), fmt.Sprintf(question,
			signed(brake.Quantity), brake.Ref.Channel, shelf.Level, signed(-brake.Quantity)))
	}
	return dropped
}

// Unanswered are the brakes that a person was to answer and that end with the link of a ref: what they hold from the counters that stay is
// pushed then. The refs are those of its shelf.
func Unanswered(name stock.Ref, shelf ledger.ShelfState, refs []ledger.Ref, at time.Time) []ledger.Brake {
	without := slices.DeleteFunc(slices.Clone(refs), func(other ledger.Ref) bool { return other.State.Ref == name })
	left := Brakes(shelf, without, at)
	return slices.DeleteFunc(Brakes(shelf, refs, at), func(brake ledger.Brake) bool {
		return droppedQuestions[brake.Kind] == "" || slices.ContainsFunc(left, func(b ledger.Brake) bool { return b.ID == brake.ID })
	})
}

// droppedQuestions are what is told of brakes that a person was to answer: the units, their channel, the level, and what takes them back.
var droppedQuestions = map[ledger.BrakeKind]string{
	ledger.TypedTwice:   "%s at %s was still to be said to have happened once or twice, and stands in the level of %s twice: if it happened once, change a count that stays linked by %s",
	ledger.OtherProgram: "whether another program was right to write %s to %s was still to be said, and it stands in the level of %s: if it was wrong, change a count that stays linked by %s",
}

// droppedOver is what is told of one about what was typed in over a mark.
const droppedOver = "whether %s at %s came, or were hidden by a mark of sold out when they were typed in, was still to be said, and the level of %s has them: if they were there before, change a count that stays linked by %s"

// signed prints a quantity with its sign.
func signed(q stock.Quantity) string {
	if q > 0 {
		return "+" + q.String()
	}
	return q.String()
}
