package examine_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/sampling"
)

// reported examines a handler that tells no state.
func reported(t *testing.T, h http.Handler, repeat int, only ...string) (r *examine.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := served(t, h)
		x.State, x.Only, x.Repeat = nil, only, repeat
		var err error
		if r, err = x.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	return r
}

// What names a finding is played beside it: a large body has members that nobody knows, and only small ones with them show that its
// size is the reason.
func TestAFindingHasTheSameNameWhenItIsRepeated(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	limited := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, _ := io.Copy(io.Discard, r.Body); n > 64<<10 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	first := reported(t, limited, 0, "read-large-bodies", "ignore-unknown-members", "accept-valid")
	if len(first.Findings) != 1 || first.Findings[0].Rule.ID != "read-large-bodies" || len(first.Findings[0].Replay) < 2 || first.Findings[0].Otherwise {
		t.Fatalf("%+v; want that large bodies are refused, and what shows it", first.Findings)
	}
	again := reported(t, limited, 0, first.Findings[0].Replay...)
	if len(again.Findings) != 1 || again.Findings[0].Rule.ID != "read-large-bodies" {
		t.Errorf("%v: %+v; want the same", first.Findings[0].Replay, again.Findings)
	}
}

// A trial that seldom goes wrong is repeated until it does, and no longer.
func TestATrialIsRepeatedUntilItGoesWrong(t *testing.T) {
	t.Parallel()
	const good = 5
	conversation := regexp.MustCompile(`"conversationId":\s*"([^"]+)"`)
	for repeat, finds := range map[int]bool{0: false, 2: false, 20: true} {
		var mu sync.Mutex
		var seen []string
		r := reported(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			if m := conversation.FindSubmatch(body); m != nil && !slices.Contains(seen, string(m[1])) {
				seen = append(seen, string(m[1]))
			}
			if len(seen) > good && r.Method == http.MethodPost {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		}), repeat, "bytes/plain")
		if found := len(r.Findings) > 0; found != finds || len(seen) > good+1 {
			t.Errorf("repeat %d: found %t, want %t; %d conversations, want at most %d", repeat, found, finds, len(seen), good+1)
		}
		if finds && (r.Findings[0].Repeat != repeat || !slices.Equal(r.Findings[0].Replay, []string{"bytes/plain"})) {
			t.Errorf("%+v; want that it is repeated as it was", r.Findings[0])
		}
	}
}

func TestWhatIsRepeatedIsATrial(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		repeat int
		only   []string
		says   string
	}{{-1, []string{"bytes/plain"}, "-1 times"}, {201, []string{"bytes/plain"}, "want 0 to 200"}, {3, nil, "name one"}, {3, []string{"count-once"}, "name one"}} {
		x := of(t, at("http://127.0.0.1:1"))
		x.Repeat, x.Only = c.repeat, c.only
		if err := fmt.Sprint(x.Check()); !strings.Contains(err, c.says) {
			t.Errorf("%d of %v: %s, want %q", c.repeat, c.only, err, c.says)
		}
	}
}
