package client

import (
	"io"
	"net/http"
)

// InProcess sends requests to a handler of this process. An answer is read while it is written, so that a tail flows.
type InProcess struct{ Handler http.Handler }

// RoundTrip is http.RoundTripper's.
func (p InProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	reader, writer := io.Pipe()
	w := &pipeWriter{header: http.Header{}, body: writer, begun: make(chan *http.Response, 1), reader: reader, req: req}
	go func() {
		p.Handler.ServeHTTP(w, req)
		w.WriteHeader(http.StatusOK)
		_ = writer.Close()
	}()
	select {
	case res := <-w.begun:
		return res, nil
	case <-req.Context().Done():
		_ = reader.CloseWithError(req.Context().Err())
		return nil, req.Context().Err()
	}
}

// pipeWriter hands the response over once its header is written.
type pipeWriter struct {
	header http.Header
	body   *io.PipeWriter
	reader *io.PipeReader
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
	w.begun <- &http.Response{Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header.Clone(), Body: w.reader, ContentLength: -1, Request: w.req}
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush is http.Flusher's: what is written is with the reader already.
func (w *pipeWriter) Flush() { w.WriteHeader(http.StatusOK) }
