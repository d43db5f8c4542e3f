package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"path"
	"runtime/debug"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// Retry-After is drawn from retryAfterLeast to retryAfterLeast+retryAfterSpread-1 seconds, so that a burst that was
	// refused together does not come back together.
	retryAfterLeast  = 2
	retryAfterSpread = 4
	// logsPerSecond and logsBurst bound the log lines that requests cause.
	logsPerSecond = 5
	logsBurst     = 20
	// stackMax is how much of a panic's stack is logged, in bytes.
	stackMax = 4 << 10
)

// Intake is the handler of all hooks. It serves the whole paths of its hooks: mount it without stripping a prefix.
type Intake struct {
	opts      Options
	pathSums  [][sha256.Size]byte // of opts.Hooks, in order
	slots     chan struct{}
	penalties *penalties
	logs      *rate.Limiter
	tally     *tally
}

var _ http.Handler = (*Intake)(nil)

// New returns an intake, or ErrOptions.
func New(opts Options) (*Intake, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	in := &Intake{
		opts: opts, slots: make(chan struct{}, opts.MaxInFlight),
		penalties: newPenalties(), logs: rate.NewLimiter(logsPerSecond, logsBurst), tally: newTally(opts.Hooks),
	}
	for _, hook := range opts.Hooks {
		in.pathSums = append(in.pathSums, sha256.Sum256([]byte(hook.Path)))
	}
	return in, nil
}

// Stats returns what was counted since New.
func (in *Intake) Stats() Stats { return in.tally.snapshot() }

// ServeHTTP takes one delivery.
func (in *Intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := in.opts.Now()
	var channel stock.Channel
	hook := in.find(r.URL.Path)
	if hook != nil {
		channel = hook.Channel
	}
	var result Result
	switch {
	case r.ContentLength > in.opts.BodyMax:
		result = TooLarge
	case hook != nil:
		result = in.take(w, r, hook, start)
	case r.Method == http.MethodPost:
		result = NotFound
	default:
		result = NoDelivery
	}
	in.answer(w, result)
	in.tally.count(channel, result, start)
	if result.Good() {
		in.opts.Heard(channel, start)
		in.tally.ack(in.opts.Now().Sub(start))
	}
}

// find returns the hook of a path. Addresses are registered with doubled slashes, one at the end or needless escapes, and no platform
// follows a redirect to the clean form, so all forms of a path are one. It is compared with every hook, so that the time tells nothing.
func (in *Intake) find(address string) *Hook {
	address = path.Clean("/" + address)
	sum, found := sha256.Sum256([]byte(address)), -1
	for i := range in.pathSums {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(in.pathSums[i][:], sum[:]), i, found)
	}
	if found < 0 {
		return nil
	}
	return &in.opts.Hooks[found]
}

// answer writes the status and headers of a result; the body is always empty.
func (in *Intake) answer(w http.ResponseWriter, result Result) {
	header := w.Header()
	switch result {
	case WrongMethod:
		header.Set("Allow", http.MethodPost)
	case NotReady, Overloaded, SinkFailed, DeadLettersFailed:
		header.Set("Retry-After", strconv.Itoa(retryAfterLeast+in.opts.Draw(retryAfterSpread)))
	case Limited:
		header.Set("Retry-After", strconv.Itoa(int(penaltyPause/time.Second)))
		header.Set("Connection", "close")
	case SlowBody, CutBody, TooLarge:
		header.Set("Connection", "close")
	}
	w.WriteHeader(result.status())
}

// take works on a request to a hook.
func (in *Intake) take(w http.ResponseWriter, r *http.Request, hook *Hook, at time.Time) (result Result) {
	defer func() {
		if cause := recover(); cause != nil {
			in.logPanic(hook, cause)
			result = Panicked
		}
	}()
	if r.Method != http.MethodPost {
		return WrongMethod
	}
	if encoded(r.Header) {
		return Encoded
	}
	if err := in.opts.Ready(); err != nil {
		in.log(hook, NotReady, "reason", scrub(err, nil))
		return NotReady
	}
	select {
	case in.slots <- struct{}{}:
		defer func() { <-in.slots }()
	default:
		in.log(hook, Overloaded, "in_flight", cap(in.slots))
		return Overloaded
	}
	body, refused := in.readBody(w, r)
	if refused != 0 {
		return refused
	}
	if err := hook.Decoder.Verify(r.Header, body); err != nil {
		if ofOtherShop(err) {
			in.log(hook, OtherShop)
			return OtherShop
		}
		return in.refuse(r, hook, at)
	}
	// The sender's hanging up does not end the storing: what is stored need not be sent again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), in.opts.StoreTimeout)
	defer cancel()
	return in.store(ctx, r.Header, body, hook, at)
}

// refuse counts a bad signature against the sender's address.
func (in *Intake) refuse(r *http.Request, hook *Hook, at time.Time) Result {
	host := remoteHost(r.RemoteAddr)
	if !in.penalties.allow(host, at) {
		return Limited
	}
	in.log(hook, BadSignature, "remote", host.String())
	return BadSignature
}

// log tells a person about a request that was not simply taken.
func (in *Intake) log(hook *Hook, result Result, args ...any) {
	if in.logs.AllowN(in.opts.Now(), 1) {
		args = append([]any{"channel", string(hook.Channel), "result", result.String()}, args...)
		in.opts.Logger.Warn("webhook not published", args...)
	}
}

// logPanic leaves out the value, which may hold a part of the body.
func (in *Intake) logPanic(hook *Hook, cause any) {
	if in.logs.AllowN(in.opts.Now(), 1) {
		stack := debug.Stack()
		in.opts.Logger.Error("webhook panicked", "channel", string(hook.Channel), "type", fmt.Sprintf("%T", cause),
			"stack", string(stack[:min(len(stack), stackMax)]))
	}
}
