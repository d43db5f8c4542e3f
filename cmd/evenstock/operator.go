package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/config"
)

// An action is work that only the process that owns the data folder can do. Beside a running serve, commands ask it over a
// Unix socket in the data folder; without one they start a runtime of their own for as long as the action takes.
type action func(ctx context.Context, r *runtime, request json.RawMessage, progress func(any)) (result any, err error)

// actions are all of them, by the path they have over HTTP.
func actions() map[string]action {
	return map[string]action{
		"/status":         act(status),
		"/link":           act(linkItems),
		"/unlink":         act(unlinkItem),
		"/baseline/apply": act(applyBaseline),
		"/reconcile/run":  act(runSweeps),
		"/brakes/release": act(releaseBrake),
		"/dlq/list":       act(listLetters),
		"/dlq/retry":      act(retryLetters),
		"/events/tail":    act(tailEvents),
		"/push/resolve":   act(resolvePush),
		"/ledger/rebuild": act(rebuildLedger),
	}
}

// act gives an action a typed request.
func act[Request any](do func(ctx context.Context, r *runtime, request Request, progress func(any)) (any, error)) action {
	return func(ctx context.Context, r *runtime, raw json.RawMessage, progress func(any)) (any, error) {
		var request Request
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &request); err != nil {
				return nil, fmt.Errorf("reading the request: %w", err)
			}
		}
		return do(ctx, r, request, progress)
	}
}

// requestMax bounds a request over the control socket: a link file of 50,000 items is about 10 MB.
const requestMax = 32 << 20

// line is one line of an answer: any number with progress, then one with a result or an error.
type line struct {
	Progress json.RawMessage `json:"progress,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
	Error    string          `json:"error,omitempty"`
}

// controlHandler serves the actions of a running serve. The socket's file permissions are its access control.
func controlHandler(r *runtime) http.Handler {
	mux := http.NewServeMux()
	for path, do := range actions() {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, req *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, requestMax))
			if err != nil {
				http.Error(w, "reading the request: "+err.Error(), http.StatusBadRequest)
				return
			}
			answer(req.Context(), w, r, do, body)
		})
	}
	return mux
}

// controlServer serves the actions without a limit on how long an answer takes: a full sweep may take an hour, a tail for ever.
func controlServer(r *runtime) *http.Server {
	server := webhook.NewServer("", controlHandler(r))
	// A read deadline would end the request's context although the request was read long ago.
	server.ReadTimeout, server.WriteTimeout = 0, 0
	return server
}

func answer(ctx context.Context, w http.ResponseWriter, r *runtime, do action, body []byte) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	encoder, flusher := json.NewEncoder(w), http.NewResponseController(w)
	send := func(l line) {
		if encoder.Encode(l) == nil {
			_ = flusher.Flush()
		}
	}
	result, err := do(ctx, r, body, func(p any) { send(line{Progress: encode(p)}) })
	if err != nil {
		send(line{Error: err.Error()})
		return
	}
	send(line{Result: encode(result)})
}

func encode(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		text, _ = json.Marshal("not encodable: " + err.Error())
	}
	return text
}

// socketPathMax is what Unix systems take at the least (macOS: 104 bytes with the terminator).
const socketPathMax = 100

// controlSocket is where serve listens for commands: in the data folder, or for very long paths in a private folder of the
// system's temporary folder that is named after it.
func controlSocket(cfg *config.Config) (string, error) {
	data, err := filepath.Abs(cfg.Data)
	if err != nil {
		return "", fmt.Errorf("finding the data folder: %w", err)
	}
	path := filepath.Join(data, "control.sock")
	if len(path) <= socketPathMax {
		return path, nil
	}
	sum := sha256.Sum256([]byte(data))
	folder := filepath.Join(os.TempDir(), "evenstock-"+hex.EncodeToString(sum[:8]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("creating the control socket's folder: %w", err)
	}
	return filepath.Join(folder, "control.sock"), nil
}

// listenControl opens the control socket for this user only. The data folder's lock is held, so an existing socket file is a
// dead process's.
func listenControl(cfg *config.Config) (net.Listener, error) {
	path, err := controlSocket(cfg)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing the old control socket: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protecting the control socket: %w", err), listener.Close())
	}
	return listener, nil
}

// dialTimeout bounds the wait for a serve that does not answer on its socket.
const dialTimeout = 2 * time.Second

// ask has a running serve do an action. It returns errNoServe when none listens.
func ask(ctx context.Context, cfg *config.Config, path string, request any, progress func(json.RawMessage)) (json.RawMessage, error) {
	socket, err := controlSocket(cfg)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, errNoServe
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}}
	defer client.CloseIdleConnections()
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(json.NewEncoder(writer).Encode(request)) }()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://evenstock"+path, reader)
	if err != nil {
		return nil, fmt.Errorf("asking serve: %w", err)
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking serve: %w", err)
	}
	defer answer.Body.Close()
	return readAnswer(answer, progress)
}

func readAnswer(answer *http.Response, progress func(json.RawMessage)) (json.RawMessage, error) {
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 4096))
		return nil, fmt.Errorf("serve answered %s: %s", answer.Status, text)
	}
	decoder := json.NewDecoder(answer.Body)
	for {
		var l line
		if err := decoder.Decode(&l); err != nil {
			return nil, fmt.Errorf("reading serve's answer: %w", err)
		}
		switch {
		case l.Error != "":
			return nil, errors.New(l.Error)
		case l.Result != nil:
			return l.Result, nil
		}
		progress(l.Progress)
	}
}

// do runs an action in a running serve, or in a runtime of this process when there is none, and decodes its result.
func do[Result any](ctx context.Context, c *cli, path string, request any, progress func(json.RawMessage)) (result Result, err error) {
	cfg, err := c.load()
	if err != nil {
		return result, err
	}
	if progress == nil {
		progress = func(json.RawMessage) {}
	}
	raw, err := ask(ctx, cfg, path, request, progress)
	if errors.Is(err, errNoServe) {
		raw, err = c.doAlone(ctx, cfg, path, request, progress)
	}
	if err != nil {
		return result, err
	}
	if err := json.Unmarshal(raw, &result); err != nil {
		return result, fmt.Errorf("reading the result: %w", err)
	}
	return result, nil
}

func (c *cli) doAlone(ctx context.Context, cfg *config.Config, path string, request any, progress func(json.RawMessage)) (raw json.RawMessage, err error) {
	r, err := startRuntime(ctx, cfg, c.env, c.logger(cfg), startOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	result, err := actions()[path](ctx, r, encode(request), func(p any) { progress(encode(p)) })
	if err != nil {
		return nil, err
	}
	return encode(result), nil
}
