package examine_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/sampling"
)

// trialsByConversation names the trial of each conversation until the orders are through.
func trialsByConversation(t *testing.T, o dimension.Options) map[string]string {
	t.Helper()
	of := map[string]string{}
	p := dimension.New(o)
	for _, d := range []dimension.Name{dimension.Bytes, dimension.Authenticity, dimension.Stories, dimension.Identity, dimension.Order, dimension.Concurrency} {
		for made, err := range p.Trials(d) {
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range made.Conversations() {
				of[id] = made.ID
			}
		}
	}
	return of
}

// sideBySide is how many trials of each dimension are under way at the same time at the most. The consumer answers the first notification of one
// of them in a way of its own. Of names the trial of each conversation.
func sideBySide(t *testing.T, profile dimension.Profile, of map[string]string, wrong string, answer int, change func(*examine.Examination)) map[dimension.Name]int {
	t.Helper()
	var mu sync.Mutex
	flying, most := map[string]*inFlight{}, map[dimension.Name]int{}
	x := inMemory(t, &counting{answers: time.Millisecond}, func(n trial.Note, usual func() int) int {
		mu.Lock()
		id := of[n.Conversation]
		d, _, _ := strings.Cut(id, "/")
		if flying[d] == nil {
			flying[d] = &inFlight{}
		}
		f := flying[d]
		_, trials := f.begin(id)
		most[dimension.Name(d)] = max(most[dimension.Name(d)], trials)
		is := id != "" && id == wrong
		if is {
			wrong = ""
		}
		mu.Unlock()
		defer f.end(id)
		if is {
			return answer
		}
		return usual()
	})
	x.Profile = profile
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	orders := 0
	x.On = func(p examine.Progress) {
		if p.Dimension != dimension.Order {
			return
		}
		if orders++; orders == 40 { // the others are played likewise
			cancel()
		}
	}
	if change != nil {
		change(x)
	}
	if report, err := x.Run(ctx); err != nil && ctx.Err() == nil || report == nil || wrong != "" {
		t.Fatalf("%+v, %v", report, err)
	}
	delete(most, "") // whatever was sent to find out whether anybody is there
	return most
}

// narrow leaves a consumer so many connections at a time.
func narrow(connections int) func(*examine.Examination) {
	return func(x *examine.Examination) {
		room, dial := make(chan struct{}, connections), x.Sending.Target.Dial
		x.Sending.Target.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			room <- struct{}{}
			c, err := dial(ctx, network, address)
			return leaving{c, sync.OnceFunc(func() { <-room })}, err
		}
	}
}

// leaving is a connection that leaves its room to others when it ends.
type leaving struct {
	net.Conn
	leave func()
}

func (l leaving) Close() error {
	l.leave()
	return l.Conn.Close()
}

// Stories and orders are played four at a time where nothing has been wrong and twelve calls went well together, and one after the other
// otherwise: what a consumer that mixes up conversations tells would be wrong in each of them.
func TestTrialsArePlayedSideBySide(t *testing.T) {
	t.Parallel()
	profile := dimension.Profile{Types: []string{"channel.connected.v0", "channel.ended.v0"}} // trials of a few notifications will do
	of := trialsByConversation(t, dimension.Options{Seed: seed, Start: start, Profile: profile})
	cases := []struct {
		name           string
		wrong          string // trial
		answer         int    // 204: nothing is stored, so that the state is wrong
		change         func(*examine.Examination)
		stories, order int
	}{
		{"nothing is wrong", "", 0, nil, 4, 4},
		{"something was wrong before", "bytes/plain", http.StatusBadRequest, nil, 1, 1},
		{"a state was wrong before", "bytes/plain", http.StatusNoContent, nil, 1, 1},
		{"twelve calls go wrong", "concurrency/conversations/1", http.StatusBadRequest, nil, 1, 1},
		{"twelve calls go wrong the second time", "concurrency/conversations/2", http.StatusBadRequest, nil, 1, 1},
		{"the state of twelve calls is wrong", "concurrency/conversations/2", http.StatusNoContent, nil, 1, 1},
		{"fewer than four come together", "", 0, narrow(3), 1, 1},
		{"a story goes wrong", "stories/call-with-hold", http.StatusBadRequest, nil, 4, 1},
		{"rules are asked for", "", 0, func(x *examine.Examination) { x.Only = []string{"phases-apart", "order-same-instant"} }, 1, 1},
	}
	for n, c := range sampling.Some(cases, 3, sampling.Examinations) {
		if testing.Short() && n >= enoughInShort {
			break
		}
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				most := sideBySide(t, profile, of, c.wrong, c.answer, c.change)
				if most[dimension.Stories] != c.stories || most[dimension.Order] != c.order {
					t.Errorf("%d stories and %d orders at the same time, want %d and %d", most[dimension.Stories], most[dimension.Order], c.stories, c.order)
				}
				for d, n := range most {
					if n != 1 && d != dimension.Stories && d != dimension.Order {
						t.Errorf("%d trials of %s at the same time, want 1", n, d)
					}
				}
			})
		})
	}
}
