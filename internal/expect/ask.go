package expect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario"
)

// Doer makes one request. *http.Client is one.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// mostAnswer is how many bytes of an answer are read.
const mostAnswer = 4 << 20

// answer is what the consumer says.
type answer struct {
	status int // 0 of a command
	body   []byte
}

// ask asks once. Placeholders are replaced already.
func (a *Asker) ask(ctx context.Context, get string, run []string) (answer, error) {
	if len(run) > 0 {
		return command(ctx, run)
	}
	if strings.HasPrefix(get, "/") {
		get = strings.TrimSuffix(a.Base, "/") + get
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, get, nil)
	if err != nil {
		return answer{}, errors.New("the URL cannot be read")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := a.Client.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) { // its text shows the whole URL, and so what may be secret in it
			err = ue.Err
		}
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	return answer{resp.StatusCode, body}, err
}

// command runs a command and takes its standard output for the answer.
func command(ctx context.Context, words []string) (answer, error) {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.WaitDelay = time.Second // what it leaves behind may hold the pipes
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		return answer{}, fmt.Errorf("%s: %w %s", words[0], err, show.Line(line, maxText))
	}
	return answer{body: out.Bytes()}, nil
}

// wrong says what an answer has otherwise than expected; empty if nothing.
func (an *answer) wrong(x *scenario.Expectation, facts func(scenario.Fact) string) string {
	if len(x.Run) == 0 {
		want := http.StatusOK
		if x.Status != 0 {
			want = x.Status
		}
		if an.status != want {
			return fmt.Sprintf("status %d, want %d", an.status, want)
		}
	}
	if len(x.JSON) == 0 {
		return ""
	}
	var value any
	if err := json.Unmarshal(an.body, &value); err != nil {
		return fmt.Sprintf("the answer is no JSON: %v", err)
	}
	var all []string
	for _, c := range x.JSON {
		want := wanted(c.Want, facts)
		if text := compare(c.Path.Find(value), want); text != "" {
			all = append(all, c.Path.String()+text)
		}
	}
	return strings.Join(all, "; ")
}

// wanted is what a comparison wants: a text that is one placeholder becomes what the plan
// knows, a number if that is one.
func wanted(text string, facts func(scenario.Fact) string) any {
	var value any
	_ = json.Unmarshal([]byte(text), &value) // it was written by ourselves
	return expanded(value, facts)
}

func expanded(value any, facts func(scenario.Fact) string) any {
	switch v := value.(type) {
	case string:
		text := scenario.Facts(v, facts)
		if f, err := scenario.ReadFact(v); err == nil && text != v && number(f) {
			var n json.Number = json.Number(text)
			if x, err := n.Float64(); err == nil {
				return x
			}
		}
		return text
	case []any:
		for i := range v {
			v[i] = expanded(v[i], facts)
		}
	case map[string]any:
		for k := range v {
			v[k] = expanded(v[k], facts)
		}
	}
	return value
}

// number tells whether a fact is a number and not a text.
func number(f scenario.Fact) bool {
	return f.Name == "count" || f.Name == "duration" || f.Name == "millis"
}
