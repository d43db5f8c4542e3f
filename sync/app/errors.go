package app

import (
	"errors"
	"fmt"
	"strconv"
)

// Kind says what sort of error it is, and with it what a caller can do: each face makes a status or an exit code of it.
type Kind uint8

// The zero value is invalid: an error without a kind is a fault of ours or of what we stand on.
const (
	// NotFound: what was named is not there.
	NotFound Kind = iota + 1
	// Invalid: the request makes no sense, whatever the state.
	Invalid
	// Conflict: it does not fit the state as it is now.
	Conflict
	// Refused: it may never be done that way.
	Refused
	// Busy: it may succeed later, unchanged.
	Busy
	// Damaged: what is stored cannot be trusted.
	Damaged
)

var kindNames = map[Kind]string{NotFound: "not found", Invalid: "invalid", Conflict: "conflict", Refused: "refused", Busy: "busy", Damaged: "damaged"}

// String returns the kind's word.
func (k Kind) String() string { return kindNames[k] }

// ErrKind: a text names no kind.
var ErrKind = errors.New("no kind of error")

// MarshalText writes the kind's word.
func (k Kind) MarshalText() ([]byte, error) {
	if _, known := kindNames[k]; !known {
		return nil, fmt.Errorf("%w: %d", ErrKind, k)
	}
	return []byte(k.String()), nil
}

// UnmarshalText reads the kind's word.
func (k *Kind) UnmarshalText(text []byte) error {
	for kind, name := range kindNames {
		if name == string(text) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("%w: %.20q", ErrKind, text)
}

// Remedy is the code of what a person can do about something. Each face has its own words for it: the command line names a
// command, a page shows a button.
type Remedy string

// The remedies.
const (
	RemedyListLinks     Remedy = "link.list"
	RemedyMeant         Remedy = "item.meant"
	RemedyNameByID      Remedy = "item.by-id"
	RemedyNameChannel   Remedy = "channel.name"
	RemedyNameLocation  Remedy = "location.name"
	RemedyListBrakes    Remedy = "brakes.list"
	RemedyListPushes    Remedy = "push.list"
	RemedyListLetters   Remedy = "dlq.list"
	RemedyApplyBaseline Remedy = "baseline.apply"
	// RemedyReleaseBrake and the two below name the brake, as what is meant.
	RemedyReleaseBrake Remedy = "brakes.release"
	RemedyReleaseTwice Remedy = "brakes.release-twice"
	// RemedyReleaseProgram: switch the other program off, and say who is right.
	RemedyReleaseProgram Remedy = "brakes.release-program"
	// RemedyAnswer: answer the brake, or unlink all the same.
	RemedyAnswer        Remedy = "link.unanswered"
	RemedyWait          Remedy = "wait"
	RemedyAgain         Remedy = "again"
	RemedyBegin         Remedy = "begin"
	RemedyAcceptRenamed Remedy = "link.accept-renamed"
	RemedyShared        Remedy = "link.shared"
	RemedyJoin          Remedy = "link.join"
	RemedyListWaiting   Remedy = "link.waiting"
	RemedyUntold        Remedy = "link.join-untold"
	// RemedyPlace: put the location back into the configuration, or unlink what is linked there.
	RemedyPlace Remedy = "location.configure"
	// RemedyExplain: look at what is unexplained. RemedySettleAs: settle it as one of what is meant. RemedyNameCounter: say which of the
	// counters.
	RemedyExplain     Remedy = "explain"
	RemedySettleAs    Remedy = "settle.as"
	RemedyNameCounter Remedy = "counter.name"
	RemedyPlan        Remedy = "baseline.plan"
	RemedyConfirm     Remedy = "baseline.confirm"

	// What opens a shelf. RemedyOpens: nothing, it opens by itself. RemedyCount: a count where the counts are right. RemedyAuthority: an
	// item there, or another channel whose counts are right.
	RemedyOpens     Remedy = "baseline.opens"
	RemedyCount     Remedy = "baseline.count"
	RemedyAuthority Remedy = "baseline.authority"

	// What mends a row of a link file. RemedyFreshFile: take what it says from a fresh one. RemedyStaysLinked: its article is linked
	// and stays so. RemedyRelink: untie it, Meant, if it has become another article. RemedyMovedOn: say whether it is a new article.
	RemedyFreshFile   Remedy = "link.fresh-file"
	RemedyStaysLinked Remedy = "link.stays-linked"
	RemedyRelink      Remedy = "link.relink"
	RemedyMovedOn     Remedy = "link.moved-on"
	RemedyCompleteRow Remedy = "link.complete-row"
	RemedyKeepOne     Remedy = "link.keep-one"
	RemedyLeaveOut    Remedy = "link.leave-out"
	RemedySoldAs      Remedy = "link.sold-as"
	RemedyNewSKU      Remedy = "link.new-sku"
	// RemedyOwnSKU: write the catalog's SKU, or one that no spreadsheet makes of a number.
	RemedyOwnSKU Remedy = "link.own-sku"

	// What mends a platform that does not give what is asked; Meant: the channel. RemedyToken: replace the token. RemedyScopes: permit
	// it what it needs. RemedyAddress: correct the address. RemedyShop: open the shop. RemedyReach: mend the way there. RemedyLater: wait.
	RemedyToken   Remedy = "channel.token"
	RemedyScopes  Remedy = "channel.scopes"
	RemedyAddress Remedy = "channel.address"
	RemedyShop    Remedy = "channel.shop"
	RemedyReach   Remedy = "channel.reach"
	RemedyLater   Remedy = "channel.later"

	// What concerns merchants. RemedyDeclare: declare it, or add it with a shop of its own. RemedyUndeclare: take it out of the configuration.
	// RemedyOwner: name the login that owns the tables.
	RemedyNameMerchant Remedy = "merchant.name"
	RemedyDeclare      Remedy = "merchant.declare"
	RemedyUndeclare    Remedy = "merchant.undeclare"
	RemedyOwner        Remedy = "merchant.owner"
)

// Remedies lists them, for whoever must have words for each.
func Remedies() []Remedy {
	return []Remedy{RemedyListLinks, RemedyMeant, RemedyNameByID, RemedyNameChannel, RemedyNameLocation, RemedyListBrakes, RemedyListPushes,
		RemedyListLetters, RemedyApplyBaseline, RemedyReleaseBrake, RemedyReleaseTwice, RemedyReleaseProgram, RemedyAnswer, RemedyWait, RemedyAgain, RemedyBegin,
		RemedyAcceptRenamed, RemedyShared, RemedyJoin, RemedyListWaiting, RemedyUntold, RemedyPlace, RemedyExplain, RemedySettleAs, RemedyNameCounter, RemedyPlan, RemedyConfirm,
		RemedyFreshFile, RemedyStaysLinked, RemedyRelink, RemedyMovedOn, RemedyCompleteRow, RemedyKeepOne, RemedyLeaveOut, RemedySoldAs, RemedyNewSKU, RemedyOwnSKU,
		RemedyOpens, RemedyCount, RemedyAuthority, RemedyToken, RemedyScopes, RemedyAddress, RemedyShop, RemedyReach, RemedyLater,
		RemedyNameMerchant, RemedyDeclare, RemedyUndeclare, RemedyOwner}
}

// Error is what a query or an action says instead of an answer: what happened and what to do, in words and codes that every face
// can show. It travels over the API whole.
type Error struct {
	// Kind is zero only in a job's error: a fault.
	Kind Kind `json:"kind,omitzero"`
	// What says what is wrong, for a person, without what to do about it.
	What   string `json:"detail"`
	Remedy Remedy `json:"remedy,omitempty"`
	// Meant is what may have been meant, or what there is to choose from.
	Meant []string `json:"meant,omitempty"`
}

func (e *Error) Error() string { return e.What }

// within puts where it happened before what an error says, and keeps its kind.
func within(where string, err error) error {
	var typed *Error
	if !errors.As(err, &typed) {
		return fmt.Errorf("%s: %w", where, err)
	}
	at := *typed
	at.What = where + ": " + err.Error()
	return &at
}

// quote shows text that came from outside so that it cannot be taken for ours.
func quote(text string) string { return strconv.Quote(text) }
