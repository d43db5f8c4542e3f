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

	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/config"
)

// An action is work that only the process that owns the data folder can do. Beside a running serve, commands ask it over a
// Unix socket in the data folder; without one they own the folder themselves for as long as the action takes.
type action struct {
	// needs is what the action uses of a runtime of its own.
	needs needs
	do    func(ctx context.Context, r *runtime, request json.RawMessage, progress func(any)) (result any, err error)
}

// needs are parts of a runtime.
type needs int

const (
	// needLedger is the ledger, to read it and to rebuild it.
	needLedger needs = 1 << iota
	// needRules is the channels and the engine, without which the ledger applies nothing.
	needRules
	// needStream is the broker.
	needStream
	// needWork is what goes on by itself: consuming, reading and pushing.
	needWork

	needToDecide = needLedger | needRules
	needAll      = needLedger | needRules | needStream | needWork
)

func (n needs) has(part needs) bool { return n&part != 0 }

// linking is the one action that may be the first on a data folder.
const linking = "/link"

// actions are all of them, by the path they have over HTTP.
func actions() map[string]action {
	return map[string]action{
		"/status":         act(needAll, status),
		linking:           act(needToDecide, linkItems),
		"/unlink":         act(needToDecide, unlinkItem),
		"/baseline/apply": act(needAll, applyBaseline),
		"/reconcile/run":  act(needAll, runSweeps),
		"/brakes/release": act(needToDecide, releaseBrake),
		"/dlq/list":       act(needStream, listLetters),
		"/dlq/retry":      act(needStream, retryLetters),
		"/events/tail":    act(needStream, tailEvents),
		"/push/resolve":   act(needToDecide, resolvePush),
		"/ledger/rebuild": act(needLedger, rebuildLedger),
	}
}

// act gives an action a typed request.
func act[Request any](needs needs, do func(ctx context.Context, r *runtime, request Request, progress func(any)) (any, error)) action {
	return action{needs, func(ctx context.Context, r *runtime, raw json.RawMessage, progress func(any)) (any, error) {
		var request Request
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &request); err != nil {
				return nil, fmt.Errorf("reading the request: %w", err)
			}
		}
		return do(ctx, r, request, progress)
	}}
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
	for path, action := range actions() {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, req *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, requestMax))
			if err != nil {
				http.Error(w, "reading the request: "+err.Error(), http.StatusBadRequest)
				return
			}
			answer(req.Context(), w, r, action, body)
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

func answer(ctx context.Context, w http.ResponseWriter, r *runtime, action action, body []byte) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	encoder, flusher := json.NewEncoder(w), http.NewResponseController(w)
	send := func(l line) {
		if encoder.Encode(l) == nil {
			_ = flusher.Flush()
		}
	}
	result, err := action.do(ctx, r, body, func(p any) { send(line{Progress: encode(p)}) })
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
