package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/mischief"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/signature"
)

// addMisbehaviour adds the flags that say how receive misbehaves.
func addMisbehaviour(flags *pflag.FlagSet, o *mischief.Options) {
	parsed(flags, &o.Answers, "answer", "", "`ANSWERS` statuses for the requests of each notification, such as \"503 x2, 200\" or \"200 99%, 500 1%\"; see docs/receiver.md", mischief.Parse)
	parsed(flags, &o.Latency, "latency", "", "`SPAN` delay each response, such as 50ms or 10ms..2s", scenario.ParseSpan)
	parsed(flags, &o.Hang, "hang", "", "`P%` share of the requests that never get a response", mischief.ParseShare)
	parsed(flags, &o.Reset, "reset", "", "`P%` share of the requests whose connection is reset", mischief.ParseShare)
	parsed(flags, &o.Down, "down", "", "`FROM..TO` respond 503 to everything in this time after the start, such as 10s..70s", func(text string) (scenario.Span, error) {
		down, err := scenario.ParseSpan(text)
		if err == nil && down.Min() == down.Max() {
			err = fmt.Errorf("want a time span after the start, such as 10s..70s, got %q", text)
		}
		return down, err
	})
	addSeed(flags, &o.Seed, "random seed of the misbehaviour")
}

// misbehaviour is what receive knows of the requests that it did not take in: which
// notifications it would have accepted and still has to, and how often it did what.
type misbehaviour struct {
	receiver *receiver.Receiver
	say      func(string)
	most     int // notifications that are followed

	mu         sync.Mutex
	counts     map[string]int // by answer
	unaccepted map[string]bool
	unfollowed int // notifications that unaccepted has no room for
	refused    int // that it would have refused
}

// mostUnaccepted is how many notifications are followed at once until they are accepted: 10 MB hold them.
const mostUnaccepted = 100_000

// misbehave puts the misbehaviour of o before rec, if there is any.
func (m *misbehaviour) misbehave(rec *receiver.Receiver, o mischief.Options) http.Handler {
	m.most = cmp.Or(m.most, mostUnaccepted)
	m.receiver, m.counts, m.unaccepted = rec, map[string]int{}, map[string]bool{}
	if o.IsZero() {
		return rec
	}
	o.On = m.acted
	return mischief.New(rec, o)
}

// acted counts a request that was answered wrongly on purpose, and returns the response's
// body.
func (m *misbehaviour) acted(a mischief.Withheld) []byte {
	j := m.receiver.Inspect(a.Header.Get(signature.HeaderName), a.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts[a.Answer.String()]++
	switch j.Result {
	case receiver.Accepted:
		if name := ownName(&j); len(m.unaccepted) < m.most || m.unaccepted[name] {
			m.unaccepted[name] = true
		} else {
			m.unfollowed++
		}
	case receiver.Refused:
		m.refused++
	}
	m.say(j.At.UTC().Format("15:04:05.000") + "  " + misbehaved(&a, &j))
	return fmt.Appendf(nil, `{"result":"refused","code":"on-purpose","reason":"%s on purpose; it would be %s"}`, a.Answer, would(j.Result))
}

// misbehaved is a line about a request that was not taken in.
func misbehaved(a *mischief.Withheld, j *receiver.Judgement) string {
	text := fmt.Sprintf("%-13s", a.Answer.Short())
	switch j.Result {
	case receiver.Refused, receiver.Ignored:
		return text + "  on purpose; it would be " + would(j.Result) + ": " + j.Reason
	}
	return text + fmt.Sprintf("  %-27s  %s  on purpose; it would be %s", j.Event.Type, j.Event.ID, would(j.Result))
}

func would(r receiver.Result) string {
	if r == receiver.Duplicate {
		return "a duplicate"
	}
	return string(r)
}

// ownName identifies a notification.
func ownName(j *receiver.Judgement) string {
	return fmt.Sprintf("%t %s", j.Event.Type.Kind.Agent(), j.Event.ID)
}

// judged notes that a notification was accepted after all.
func (m *misbehaviour) judged(j *receiver.Judgement) {
	if j.Result != receiver.Accepted {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.unaccepted, ownName(j))
}

// write sums up, if there is anything to sum up.
func (m *misbehaviour) write(w io.Writer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.counts) == 0 {
		return nil
	}
	var parts []string
	for answer, n := range m.counts {
		parts = append(parts, fmt.Sprintf("%d × %s", n, answer))
	}
	slices.Sort(parts)
	text := fmt.Sprintf("misbehaved: %s; %d valid notifications were rejected and never accepted on retry", strings.Join(parts, ", "), len(m.unaccepted))
	if m.unfollowed > 0 {
		text += fmt.Sprintf("; of %d more requests nobody knows, because %d notifications were waited for already", m.unfollowed, m.most)
	}
	_, err := fmt.Fprintln(w, text)
	return err
}

// allRecovered reports whether every valid notification that was rejected on purpose was
// accepted on retry, and none of the requests was invalid.
func (m *misbehaviour) allRecovered() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.unaccepted) == 0 && m.unfollowed == 0 && m.refused == 0
}
