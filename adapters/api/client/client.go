package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/evenstock/evenstock/sync/app"
)

// Client asks for operations.
type Client struct {
	http *http.Client
	base string
}

// New returns a client that sends its requests through a transport to a server: to the host of base, such as
// "https://stock.example.com".
func New(transport http.RoundTripper, base string) *Client {
	return &Client{http: &http.Client{Transport: transport}, base: base}
}

// Of returns a client of one of the merchants of the same server.
func (c *Client) Of(merchant string) *Client {
	return &Client{http: c.http, base: c.base + "/merchants/" + url.PathEscape(merchant)}
}

// Close gives idle connections up.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func get[T any](ctx context.Context, c *Client, path string, query url.Values) (result T, err error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return decode[T](c.send(ctx, http.MethodGet, path, nil))
}

func post[T any](ctx context.Context, c *Client, path string, request any) (result T, err error) {
	var body io.Reader
	if request != nil {
		text, err := json.Marshal(request)
		if err != nil {
			return result, fmt.Errorf("encoding the request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	return decode[T](c.send(ctx, http.MethodPost, path, body))
}

func (c *Client) send(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("asking evenstock: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		// The transport's own words are enough: what it adds is an address that nobody typed.
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, err
	}
	if res.StatusCode >= http.StatusBadRequest {
		defer res.Body.Close()
		return nil, problem(res)
	}
	return res, nil
}

func decode[T any](res *http.Response, err error) (result T, _ error) {
	if err != nil {
		return result, err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&result); err != nil {
		return result, fmt.Errorf("reading the answer: %w", err)
	}
	return result, nil
}

// problemMax bounds what is read of an error.
const problemMax = 64 << 10

// fault is what an operation answers instead, as problem+json.
type fault struct {
	Detail string   `json:"detail"`
	Kind   string   `json:"kind"`
	Remedy string   `json:"remedy"`
	Meant  []string `json:"meant"`
	Faults []struct {
		Location string `json:"location"`
		Message  string `json:"message"`
	} `json:"faults"`
}

func problem(res *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(res.Body, problemMax))
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return problemOf(res.Status, text)
}

// problemOf makes an error of a problem. One without a kind is a fault, whose words are all there is.
func problemOf(status string, text []byte) error {
	var f fault
	if json.Unmarshal(text, &f) != nil || f.Detail == "" {
		return fmt.Errorf("evenstock answered %s: %.200q", status, text)
	}
	for _, place := range f.Faults {
		f.Detail += "; " + place.Location + ": " + place.Message
	}
	var kind app.Kind
	if kind.UnmarshalText([]byte(f.Kind)) != nil {
		return errors.New(f.Detail)
	}
	return &app.Error{Kind: kind, What: f.Detail, Remedy: app.Remedy(f.Remedy), Meant: f.Meant}
}

// jobPoll is how often a job is asked how far it is.
const jobPoll = 200 * time.Millisecond

// Await waits for a job to end, and tells progress how far it is whenever that changes. A job that failed is an error.
func (c *Client) Await(ctx context.Context, job app.Job, progress func(string)) (app.Job, error) {
	ticker := time.NewTicker(jobPoll)
	defer ticker.Stop()
	said := ""
	for {
		var err error
		if job, err = c.Job(ctx, job.ID); err != nil {
			return job, err
		}
		if job.Progress != said {
			said = job.Progress
			progress(said)
		}
		switch {
		case job.State == app.JobFailed:
			return job, failure(job)
		case job.State == app.JobDone:
			return job, nil
		}
		select {
		case <-ctx.Done():
			return job, ctx.Err()
		case <-ticker.C:
		}
	}
}

// failure is why a job failed. Of a fault, which has no kind, the words are all there is.
func failure(job app.Job) error {
	switch {
	case job.Error == nil:
		return fmt.Errorf("the %s failed", job.Kind)
	case job.Error.Kind == 0:
		return errors.New(job.Error.What)
	}
	return job.Error
}
