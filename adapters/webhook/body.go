package webhook

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"strings"
	"time"
)

// bodyFirst is how much memory a body gets before its bytes are there, at most; a declared length is only a promise. 64 KiB.
const bodyFirst = 64 << 10

// encoded says whether the body is sent in any form but its own.
func encoded(header http.Header) bool {
	for _, value := range header.Values("Content-Encoding") {
		if value != "" && !strings.EqualFold(value, "identity") {
			return true
		}
	}
	return false
}

// readBody reads the raw body whole, within BodyMax and BodyTimeout; refused is 0 when it did.
func (in *Intake) readBody(w http.ResponseWriter, r *http.Request) (body []byte, refused Result) {
	// Connections run on the machine's clock, not on Options.Now. Where there is no connection (tests), the error says so
	// and there is nothing to wait for. The server sets a new deadline for the next request; that this one may cancel the
	// request's context while we store does not matter, for storing does not end with it.
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(in.opts.BodyTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, CutBody
	}
	room := min(max(r.ContentLength, 0), bodyFirst) + bytes.MinRead
	buffer := bytes.NewBuffer(make([]byte, 0, room))
	_, err = buffer.ReadFrom(http.MaxBytesReader(w, r.Body, in.opts.BodyMax))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, TooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, SlowBody
	case err != nil:
		return nil, CutBody
	case buffer.Len() == 0:
		return nil, EmptyBody
	}
	return buffer.Bytes(), 0
}
