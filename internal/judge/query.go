package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
)

// Doer makes one request. *http.Client is one.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// answer is what the consumer reports.
type answer struct {
	status int // 0 of a command
	body   []byte
}

// maxBody is how many bytes of a response are read.
const maxBody = 4 << 20

// get makes a GET request. Errors do not show the URL, which may hold a secret.
func get(ctx context.Context, client Doer, address string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, errors.New("the URL cannot be read")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err
		}
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return answer{resp.StatusCode, body}, err
}

// command runs a command, whose standard output is the body.
func command(ctx context.Context, words []string) (answer, error) {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.WaitDelay = time.Second // a process that it started may hold the pipes
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return answer{}, fmt.Errorf("%s: %w %s", words[0], err, show.Line(line, maxText))
	}
	return answer{body: out.Bytes()}, nil
}

// The first query is made at once; the pauses between queries double.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

// poll calls query until it returns no difference, or within has passed; then it calls it
// once more. It returns the last difference. When ctx ends, so does poll.
func poll(ctx context.Context, within time.Duration, query func(context.Context) (different string)) string {
	over := time.NewTimer(within)
	defer over.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for wait := firstPause; ; wait = min(2*wait, longestPause) {
		different := query(ctx)
		if different == "" {
			return ""
		}
		pause.Reset(wait)
		select {
		case <-pause.C:
		case <-over.C:
			return query(ctx)
		case <-ctx.Done():
			return different
		}
	}
}

// maxText is how many characters of a text are shown: it comes from the consumer.
const maxText = 200
