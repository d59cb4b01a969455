package examine_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// counting is a consumer that verifies nothing and tells how many notifications it has of each channel. It takes its time.
type counting struct {
	answers, tells time.Duration
	forgets        time.Duration        // ids; 0: never
	forged         func(trial.Note) int // answers what is not authentic; nil: with 401

	mu       sync.Mutex
	seen     map[string]time.Time
	channels map[string]map[string]int // by conversation
}

func (c *counting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if conversation, is := strings.CutPrefix(r.URL.Path, "/calls/"); is {
		time.Sleep(c.tells)
		c.tell(w, conversation)
		return
	}
	body, _ := io.ReadAll(r.Body)
	time.Sleep(c.answers)
	c.store(trial.ReadNote(body))
	w.WriteHeader(http.StatusNoContent)
}

func (c *counting) store(n trial.Note) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := n.Source + " " + n.ID
	if at, known := c.seen[key]; n.Channel == "" || known && (c.forgets == 0 || time.Since(at) < c.forgets) {
		return
	}
	if c.seen == nil {
		c.seen, c.channels = map[string]time.Time{}, map[string]map[string]int{}
	}
	if c.channels[n.Conversation] == nil {
		c.channels[n.Conversation] = map[string]int{}
	}
	c.seen[key] = time.Now()
	c.channels[n.Conversation][n.Channel]++
}

func (c *counting) tell(w io.Writer, conversation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for channel, n := range c.channels[conversation] {
		all = append(all, fmt.Sprintf(`{"channelId":%q,"notifications":%d}`, channel, n))
	}
	fmt.Fprintf(w, `{"channels":[%s]}`, strings.Join(all, ","))
}

func examined(t *testing.T, c *counting, change func(*examine.Examination)) *examine.Report {
	t.Helper()
	x := served(t, c)
	x.Sending.Timeout = 2 * time.Second
	change(x)
	report, err := x.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// A slow consumer does not take longer than the budget, and what was not reached is said by rule.
func TestTheBudgetHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const budget = 6 * time.Second
		report := examined(t, &counting{answers: 60 * time.Millisecond, tells: 200 * time.Millisecond}, func(x *examine.Examination) { x.Budget = budget })
		if report.Took > budget+2*time.Second { // comparing mistakes may take two more
			t.Errorf("it took %s", report.Took)
		}
		late, reached := 0, 0
		for _, result := range report.Rules {
			if result.Unreached > result.Played && result.Verdict == examine.OK {
				t.Errorf("%s is ok, though %d of its trials were not played, and %d were", result.ID, result.Unreached, result.Played)
			}
			if result.Why == examine.NeedsTime {
				late++
			}
			if result.Played > 0 {
				reached++
			}
		}
		if late < 5 || reached < 5 || report.Level() > 1 {
			t.Errorf("%d rules were not reached, and %d were; level %d", late, reached, report.Level())
		}
	})
}

// What is forgotten by the clock shows if the last duplicates come late enough: that is waited for as far as the budget allows.
func TestLateDuplicatesAreWaitedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		late, budget time.Duration
		found        bool
	}{{0, 20 * time.Second, false}, {4 * time.Second, 20 * time.Second, true}, {time.Minute, 4 * time.Second, false}} {
		var report *examine.Report
		synctest.Test(t, func(t *testing.T) {
			report = examined(t, &counting{forgets: 3500 * time.Millisecond}, func(x *examine.Examination) {
				x.Late, x.Budget, x.Only = c.late, c.budget, []string{"ids-are-case-sensitive", "identity/duplicates/after-a-minute"}
			})
		})
		found := slices.ContainsFunc(report.Findings, func(f examine.Finding) bool {
			return f.Rule.ID == rulebook.RememberLong || f.Rule.ID == rulebook.CountOnce
		})
		if found != c.found {
			t.Errorf("late by %s within %s: found %v; %+v", c.late, c.budget, found, report.Findings)
		}
		if c.late > 0 && (report.Late > c.late+time.Second || report.Late < min(c.late, c.budget/2)) || report.Took > c.budget+2*time.Second {
			t.Errorf("late by %s within %s: they came after %s, in %s", c.late, c.budget, report.Late, report.Took)
		}
	}
}

// What is answered is not sent again: each connection goes on from one trial to the next.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		seen := map[string]int{}
		c := &counting{}
		x := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(strings.NewReader(string(body)))
				mu.Lock()
				seen[string(body)]++
				mu.Unlock()
			}
			c.ServeHTTP(w, r)
		}))
		for n := range 12 { // none of these sends duplicates on purpose
			x.Only = append(x.Only, fmt.Sprintf("order/call-with-hold/sent/%d", n+1))
		}
		x.Budget = 20 * time.Second
		x.Profile.Aspects = trial.Notifications
		if _, err := x.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		twice := 0
		for _, n := range seen {
			if n > 1 {
				twice++
			}
		}
		if twice > 2 || len(seen) < 100 { // the first one is sent twice, to find out whether anybody is there
			t.Errorf("of %d notifications %d came twice", len(seen), twice)
		}
	})
}
