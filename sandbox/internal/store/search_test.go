package store_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// told fills a store with deliveries that differ in all that is searched.
func told(t *testing.T, s *store.Store, r *rand.Rand) {
	to := ids(5)
	for i, id := range to {
		sub := subscription(id)
		sub.Name = pick(r, "Billing", "front desk", "desk-of-bob") + fmt.Sprint(" ", i)
		must(t, s.CreateSubscription(t.Context(), sub))
	}
	for i := range 30 {
		var batch []store.Accepted
		for range 1 + r.IntN(6) {
			a := accepted(i)
			a.Accepted = noon().Add(time.Duration(i) * time.Minute)
			a.Type, a.Conversation, a.Run = pick(r, "channel.held.v1", "channel.ended.v1", "agent.presencechanged.v0"), pick(r, "", "AB-c1", "c2"), pick(r, "", "r1")
			a.Party, a.Agent, a.ID, a.Channel = pick(r, "", "alice", "+44 20 7946 0123", "Bob Alison"), pick(r, "", "0150", "1504"), fmt.Sprint("id", r.IntN(300)), pick(r, "c2", "x-y")
			a.To = slices.DeleteFunc(slices.Clone(to), func(string) bool { return r.IntN(3) == 0 })
			batch = append(batch, a)
		}
		deliveries := accept(t, s, batch...)
		if i > 3 {
			again, err := s.Redeliver(t.Context(), onceMore(1+r.Int64N(10), pick(r, to...)), "resend", noon().Add(time.Duration(i)*time.Minute))
			must(t, err)
			deliveries = append(deliveries, again[0].Delivery)
		}
		var attempts []store.Attempt
		for k := range deliveries {
			if d := &deliveries[k]; r.IntN(6) > 0 {
				attempts = append(attempts, attempted(r, d, noon().Add(time.Duration(i)*time.Minute+time.Second))...)
			}
		}
		for k := range attempts {
			if a := &attempts[k]; a.Answer != "" {
				a.Answer = pick(r, "busy", "Too many requests", "too few; many requests", "busy")
			}
		}
		must(t, s.Record(t.Context(), attempts, deliveries))
		if i == 17 {
			index(t, s)
		}
	}
}

// looked are the deliveries that a filter selects, found by a look at each.
type looked struct {
	store.DeliveryDetail
	name string
	said []string
}

func lookAt(t *testing.T, s *store.Store) (all []looked) {
	list, _, err := s.Deliveries(t.Context(), store.Filter{Limit: 1e6})
	must(t, err)
	subscriptions, err := s.Subscriptions(t.Context())
	must(t, err)
	for _, d := range list {
		l := looked{DeliveryDetail: d}
		for _, sub := range subscriptions {
			if sub.ID == d.Subscription {
				l.name = sub.Name
			}
		}
		attempts, err := s.Attempts(t.Context(), d.Number)
		must(t, err)
		for _, a := range attempts {
			l.said = append(l.said, a.Answer)
		}
		if d.Status == 0 {
			l.said = append(l.said, d.Failure)
		}
		all = append(all, l)
	}
	return all
}

// texts are what is searched, by the fields.
func (l *looked) texts(field string) (all []string) {
	n := &l.Detail
	of := map[string][]string{
		"type": {n.Type}, "party": {n.Party}, "agent": {n.Agent}, "id": {n.ID, n.Conversation, n.Interaction, n.Channel, n.Run, l.Subscription},
		"target": {l.name, l.Subscription}, "status": {string(l.State), fmt.Sprint(l.Status)}, "said": l.said,
	}
	if l.Status == 0 {
		of["status"] = of["status"][:1]
	}
	for name, texts := range of {
		if field == "" || field == name {
			all = append(all, texts...)
		}
	}
	return all
}

// at is the moment that the list shows.
func (l *looked) at() time.Time {
	switch {
	case !l.First.IsZero():
		return l.First
	case l.Kind != "" && !l.Due.IsZero():
		return l.Due
	}
	return l.Detail.Accepted
}

// has reports whether one of some texts has the words of a phrase, the last of which may go on.
func has(texts []string, phrase string) bool {
	plain := func(text string) string {
		return " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789", r) }), " ")
	}
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(plain(text), plain(phrase)) })
}

func TestASearchFindsWhatALookAtEachDeliveryFinds(t *testing.T) {
	sampling.Long(t)
	for _, fewest := range []int{1, 3, 1 << 30} {
		r := rand.New(rand.NewPCG(7, uint64(fewest)))
		s := open(t, filepath.Join(folder(t), "f"), store.Options{})
		store.Pack(s, fewest)
		store.Blocks(s, 4, 16)
		told(t, s, r)
		all := lookAt(t, s)
		for i := range 80 {
			type phrase struct{ field, text string }
			var phrases []phrase
			var text []string
			for range r.IntN(3) {
				p := phrase{pick(r, "", "", "type", "party", "agent", "id", "target", "said"), pick(r, "ali", "44", "c2", "ID1", "015", "held", "channel.ended", "billing", "desk", "busy", "many requests", "too many", "2", "503", "wait", "ab-c1", "reset")}
				if r.IntN(8) == 0 {
					p = phrase{"status", pick(r, "5", "503", "waiting", "deli", "200")}
				}
				if phrases = append(phrases, p); p.field != "" {
					text = append(text, fmt.Sprintf(`%s:"%s`, p.field, p.text)) // which is typed still: the last word may go on
				} else {
					text = append(text, fmt.Sprintf(`"%s`, p.text))
				}
			}
			// A phrase without its second quote ends the text, so that all but one are words, or stand alone.
			for k, p := range phrases {
				if k < len(phrases)-1 {
					if strings.Contains(p.text, " ") {
						phrases[k].text = "busy"
					}
					text[k] = strings.TrimPrefix(p.field+":", ":") + phrases[k].text
				}
			}
			f := store.Filter{Limit: pick(r, 30, 1_000_000), Search: searched(t, strings.Join(text, " ")), Type: pick(r, "", "", "*", "channel.*"), Conversation: pick(r, "", "", "", "c2"), Run: pick(r, "", "", "r1"),
				Subscription: pick(r, "", "", ids(5)[1]), State: pick(r, "", "", store.Waiting, store.Delivered), Notification: pick(r, 0, 0, 0, 0, 1+r.Int64N(60))}
			if r.IntN(3) == 0 {
				f.From = noon().Add(time.Duration(r.IntN(30)) * time.Minute)
			}
			if r.IntN(3) == 0 {
				f.Until = noon().Add(time.Duration(r.IntN(30)) * time.Minute)
			}
			var want []int64
			for k := range all {
				l := &all[k]
				is := (f.Type == "" || event.Match(f.Type, l.Detail.Type)) && (f.Conversation == "" || f.Conversation == l.Detail.Conversation) && (f.Run == "" || f.Run == l.Detail.Run) &&
					(f.Subscription == "" || f.Subscription == l.Subscription) && (f.State == "" || f.State == l.State) && (f.Notification == 0 || f.Notification == l.Notification) &&
					(f.From.IsZero() || !l.at().Before(f.From)) && (f.Until.IsZero() || l.at().Before(f.Until))
				for _, p := range phrases {
					is = is && has(l.texts(p.field), p.text)
				}
				if is {
					want = append(want, l.Number)
				}
			}
			check(t, i, f, listed(t, s, f), want)
			if total, complete, err := s.Count(t.Context(), f); err != nil || !complete || total != int64(len(want)) {
				t.Fatalf("filter %d, %+v: counted %d, %t, %v; want %d", i, f, total, complete, err, len(want))
			}
		}
	}
}

// listed are the numbers of all pages.
func listed(t *testing.T, s *store.Store, f store.Filter) (all []int64) {
	t.Helper()
	for {
		list, next, err := s.Deliveries(t.Context(), f)
		must(t, err)
		for _, d := range list {
			all = append(all, d.Number)
		}
		if f.Before = next; next == 0 {
			return all
		}
	}
}

func TestWordsAreFoundInAnyCaseAndWithoutAccents(t *testing.T) {
	s := open(t, "", store.Options{})
	subscribe(t, s, "a")
	a := accepted(0, "a")
	a.Party, a.ID = "Zoë Straße", "2aBcDeF"
	accept(t, s, a)
	for text, want := range map[string]int{
		"zoe": 1, "ZOË": 1, "zoe\u0308": 1, "strasse": 1, "STRA": 1, `"zoe strasse"`: 1, `"zoe stra"`: 0, `"zoe stra`: 1, `"strasse zoe"`: 0, "oe": 0, "id:2abc": 1, "ID:2ABCDEF": 1, "id:zoe": 0,
		"party:zoe": 1, "zoe nobody": 0, "channel.held": 1, "type:held": 1, "": 1, "  ": 1, "status:waiting": 1, "status:wait held zoe": 1, "status:503": 0,
	} {
		if got := len(listed(t, s, store.Filter{Search: searched(t, text)})); got != want {
			t.Errorf("%q finds %d, want %d", text, got, want)
		}
	}
}

func TestAMistakeInASearchIsExplained(t *testing.T) {
	for text, want := range map[string]string{
		"agnt:5": `unknown field "agnt" (did you mean "agent"?); known are agent, id, party, said, status, target, type; put quotes around text with a colon`, "http://a": `unknown field "http"`,
		"party:": "party: a word must follow the colon", "party: x": "party: a word must follow the colon", `id:""`: "id: a word must follow the colon", "a --": `"--" has no letter or digit to look for`,
		"status:deliverd": `did you mean "delivered"?`, "status:5034": "want an HTTP status such as 503, or one of waiting,", strings.Repeat("x", 257): "at most 256 bytes, got 257",
		strings.Repeat("x ", 17): "at most 16 words", "\xff": "not UTF-8",
	} {
		if _, err := store.ParseSearch(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// Whatever is typed is a search, or its mistake is told in a line.
func FuzzParseSearch(f *testing.F) {
	for _, text := range []string{"", "zoe", `party:"a b" c`, `"`, `said:"x`, "id:*", "NEAR(a b) OR -x ^y", "'; DROP TABLE delivery; --", "ſ:ß", "a:b:c", "status:50", "\u00a0x"} {
		f.Add(text)
	}
	s := open(f, "", store.Options{})
	subscribe(f, s, "a")
	accept(f, s, accepted(0, "a"))
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := store.ParseSearch(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 1500 {
				t.Errorf("%q: %q", text, err)
			}
			return
		}
		list, _, err := s.Deliveries(t.Context(), store.Filter{Search: parsed})
		must(t, err)
		if total, complete, err := s.Count(t.Context(), store.Filter{Search: parsed}); err != nil || !complete || total != int64(len(list)) {
			t.Errorf("%q: listed %d, counted %d, %t, %v", text, len(list), total, complete, err)
		}
	})
}

func TestTheListBeginsAtAMoment(t *testing.T) {
	s := open(t, "", store.Options{})
	subscribe(t, s, "a")
	for i := range 10 {
		a := accepted(i, "a")
		a.Accepted, a.Party = noon().Add(time.Duration(i)*time.Minute), fmt.Sprint("party", i%2)
		accept(t, s, a)
	}
	for _, test := range []struct {
		at     time.Duration
		search string
		want   []int64
	}{{4 * time.Minute, "", []int64{5, 4}}, {4*time.Minute - 1, "", []int64{4, 3}}, {4 * time.Minute, "party1", []int64{4, 2}}, {time.Hour, "", []int64{10, 9}}} {
		f := store.Filter{Search: searched(t, test.search), Limit: 2}
		var err error
		f.Before, err = s.Moment(t.Context(), f, noon().Add(test.at))
		must(t, err)
		list, _, err := s.Deliveries(t.Context(), f)
		must(t, err)
		if len(list) != 2 || list[0].Number != test.want[0] || list[1].Number != test.want[1] {
			t.Errorf("at %v %s: got %v from %d, want %v", test.at, test.search, list, f.Before, test.want)
		}
	}
	if before, err := s.Moment(t.Context(), store.Filter{}, noon().Add(-1)); before != 0 || err != nil {
		t.Errorf("before all: got %d, %v", before, err)
	}
}
