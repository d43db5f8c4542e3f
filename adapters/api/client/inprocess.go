package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// InProcess sends requests to a handler of this process. An answer is read while it is written, so that a tail flows. Whoever closes
// the answer hangs up: the handler's context ends, and nothing of it runs any more when Close returns.
type InProcess struct{ Handler http.Handler }

// RoundTrip is http.RoundTripper's. It returns when the handler has begun to answer; one that does not heed its context is waited for.
func (p InProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, hangUp := context.WithCancel(req.Context())
	asked := req.Clone(ctx)
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	sent := asked.Body
	reader, writer := io.Pipe()
	body := &hangingUp{PipeReader: reader, hangUp: hangUp, ended: make(chan struct{})}
	w := &pipeWriter{header: http.Header{}, body: writer, begun: make(chan *http.Response, 1), reader: body, req: req}
	go func() {
		defer close(body.ended)
		p.Handler.ServeHTTP(w, asked)
		w.WriteHeader(http.StatusOK)
		_ = sent.Close()
		// An answer that its context cut short is no whole one.
		_ = writer.CloseWithError(ctx.Err())
	}()
	res := <-w.begun
	if err := req.Context().Err(); err != nil {
		_ = body.Close()
		return nil, err
	}
	return res, nil
}

// hangingUp is an answer's body whose Close ends the handler.
type hangingUp struct {
	*io.PipeReader
	hangUp context.CancelFunc
	ended  chan struct{}
}

func (b *hangingUp) Close() error {
	b.hangUp()
	err := b.PipeReader.Close()
	<-b.ended
	return err
}

// pipeWriter hands the response over once its header is written.
type pipeWriter struct {
	header http.Header
	body   *io.PipeWriter
	reader io.ReadCloser
	req    *http.Request
	begun  chan *http.Response
	done   bool
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	if w.done {
		return
	}
	w.done = true
	w.begun <- &http.Response{Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header.Clone(), Body: w.reader, ContentLength: -1, Request: w.req}
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush is http.Flusher's: what is written is with the reader already.
func (w *pipeWriter) Flush() { w.WriteHeader(http.StatusOK) }
