package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/evenstock/evenstock/config"
)

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
	action := actions()[path]
	if path != linking {
		if err := ledgerExists(cfg); err != nil {
			return nil, err
		}
	}
	r, err := startRuntime(ctx, cfg, c.env, c.quietLogger(cfg), startOptions{needs: action.needs})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	result, err := action.do(ctx, r, encode(request), func(p any) { progress(encode(p)) })
	if err != nil {
		return nil, err
	}
	return encode(result), nil
}
