package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// refused is an attempt as the engine records it, of a consumer that answers 503 at length.
func refused(d *store.Delivery) store.Attempt {
	d.Attempts++
	d.Status, d.Failure, d.LatencyUS, d.Due = 503, "refused: 503 "+strings.Repeat("x", 80), 1234, d.Due.Add(time.Minute)
	return store.Attempt{Delivery: d.Number, Try: d.Attempts, Sent: noon(), Status: 503, Failure: d.Failure, LatencyUS: 1234, Answer: strings.Repeat("busy ", 51),
		Header: store.Header{{"Content-Type", "application/cloudevents+json"}, {"User-Agent", "ringback"}, {"Vonage-Signature", strings.Repeat("t", 500)}}}
}

// taken is an attempt that delivers.
func taken(d *store.Delivery) store.Attempt {
	attempt := refused(d)
	d.State, d.Status, d.Failure, d.Due = store.Delivered, 204, "", time.Time{}
	attempt.Status, attempt.Failure, attempt.Answer = 204, "", ""
	return attempt
}

// filled is a store that has taken all it takes, of notifications that a dead consumer refuses again
// and again. They are all its waiting deliveries.
func filled(t *testing.T, path string, most int64) (s *store.Store, all []store.Delivery) {
	t.Helper()
	s = open(t, path, store.Options{KeepMost: most})
	subscribe(t, s, "a", "b")
	const atOnce = 16 // few enough for the WAL
	for full := false; !full; {
		var batch []store.Accepted
		for i := range atOnce / 2 {
			batch = append(batch, realistic(len(all)+i))
		}
		deliveries, err := s.Accept(t.Context(), batch, store.Changes{})
		within(t, s, most)
		if err == nil {
			record(t, s, deliveries...)
			all = append(all, deliveries...)
			continue
		}
		if trouble := troubleOf(t, err); trouble.Kind != store.OverLimit {
			t.Fatalf("after %d: %v", len(all), err)
		}
		for range 3 {
			for i := 0; i < len(all); i += atOnce {
				record(t, s, all[i:min(i+atOnce, len(all))]...)
				within(t, s, most)
			}
		}
		must(t, s.Forget(t.Context(), noon())) // which finds nothing that may go, but attempts
		full = s.Recover(t.Context()) != nil
	}
	return s, all
}

// realistic is a notification of usual size to two subscriptions.
func realistic(i int) store.Accepted {
	a := accepted(i, "a", "b")
	a.Body, a.Signed = fmt.Appendf(nil, `{"number":%d, "text": "%s"}`, i, strings.Repeat("x", 500)), nil
	return a
}

func record(t *testing.T, s *store.Store, deliveries ...store.Delivery) {
	t.Helper()
	var attempts []store.Attempt
	for i := range deliveries {
		attempts = append(attempts, refused(&deliveries[i]))
	}
	must(t, s.Record(t.Context(), attempts, deliveries))
}

func troubleOf(t *testing.T, err error) *store.Trouble {
	t.Helper()
	trouble, ok := errors.AsType[*store.Trouble](err)
	if !ok {
		t.Fatalf("got %v, want trouble", err)
	}
	return trouble
}

func within(t *testing.T, s *store.Store, most int64) {
	t.Helper()
	if got := s.Usage().Bytes; got > most {
		t.Fatalf("the files have %d bytes, want at most %d", got, most)
	}
}

// A limit is a limit, whatever waits and however often it is tried: nothing more is accepted, the
// first and the last attempts are kept, the others counted, and nothing that was accepted is lost.
func TestALimitIsALimit(t *testing.T) {
	for _, most := range []int64{1 << 20, 2 << 20} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			path := filepath.Join(folder(t), "f")
			s, all := filled(t, path, most)
			ctx := t.Context()
			within(t, s, most)
			whole(t, s)
			if _, states := s.Counts(); states[store.Waiting] != int64(len(all)) {
				t.Errorf("%d deliveries wait of %d", states[store.Waiting], len(all))
			}
			for _, d := range []store.Delivery{all[0], all[len(all)-1]} {
				attempts, err := s.Attempts(ctx, d.Number)
				must(t, err)
				if len(attempts) != 2 || attempts[0].Try != 1 || attempts[1].Try != d.Attempts || d.Attempts < 4 {
					t.Errorf("delivery %d has the attempts %+v, want the first and the last", d.Number, attempts)
				}
				now, err := s.Delivery(ctx, d.Number)
				must(t, err)
				same(t, "attempts that are counted", now.Attempts, d.Attempts)
			}
			t.Logf("%d deliveries of two attempts in %d bytes: %d for each", len(all), s.Usage().Bytes, s.Usage().Bytes/int64(len(all)))
			for what, err := range map[string]error{
				"a run":          s.SaveRun(ctx, store.Run{ID: "new", State: store.RunGoing}),
				"a subscription": s.CreateSubscription(ctx, subscription("new")),
				"a scenario":     s.SaveScenario(ctx, "new", "name: new"),
			} {
				if trouble := troubleOf(t, err); trouble.Kind != store.OverLimit || !strings.Contains(trouble.Error(), fmt.Sprintf("%d bytes, with %d waiting deliveries", most, len(all))) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if err := s.Recover(ctx); err == nil {
				t.Error("there is no trouble any more")
			}
			must(t, s.Close())
			s = open(t, path, store.Options{KeepMost: most}) // after a restart it is the same
			within(t, s, most)
			for err := error(nil); err == nil; within(t, s, most) {
				_, err = s.Accept(ctx, []store.Accepted{realistic(0)}, store.Changes{})
			}
			// The consumer answers again.
			for i := 0; i < len(all); i += 20 {
				_, few := done(all[i:min(i+20, len(all))]...)
				must(t, s.Record(ctx, nil, few))
				within(t, s, most)
			}
			must(t, s.Forget(ctx, noon()))
			must(t, s.Recover(ctx))
			accept(t, s, realistic(0))
			within(t, s, most)
			whole(t, s)
		})
	}
}

// Who has reset the state is not told of attempts that were dropped before.
func TestAResetEndsWhatIsTight(t *testing.T) {
	s, _ := filled(t, filepath.Join(folder(t), "f"), 1<<20)
	same(t, "dropping before", s.Usage().Dropping, true)
	must(t, s.Reset(t.Context()))
	same(t, "dropping after", s.Usage().Dropping, false)
	same(t, "tight after", s.Usage().Tight, false)
}

// Whatever else is stored has no way around the limit.
func TestNothingGrowsPastTheLimit(t *testing.T) {
	const most = 2 << 20
	long := strings.Repeat("x", 60_000)
	for what, add := range map[string]func(s *store.Store, i int) error{
		"runs": func(s *store.Store, i int) error {
			return s.SaveRun(t.Context(), store.Run{ID: fmt.Sprint(i), State: store.RunGoing, Source: long})
		},
		"runs that ended": func(s *store.Store, i int) error {
			return s.SaveRun(t.Context(), store.Run{ID: fmt.Sprint(i), State: store.RunEnded, Ended: noon(), Source: long})
		},
		"scenarios": func(s *store.Store, i int) error { return s.SaveScenario(t.Context(), fmt.Sprint(i), long) },
		"subscriptions": func(s *store.Store, i int) error {
			sub := subscription(fmt.Sprint(i))
			sub.URL += long
			return s.CreateSubscription(t.Context(), sub)
		},
		"subscriptions that are deleted": func(s *store.Store, i int) error {
			sub := subscription(fmt.Sprint(i))
			sub.URL += long
			return errors.Join(s.CreateSubscription(t.Context(), sub), s.DeleteSubscription(t.Context(), sub.ID))
		},
		"answers": func(s *store.Store, i int) error {
			_, _, _, err := s.Remember(t.Context(), fmt.Sprint(i), "request", 201, []byte(long))
			return err
		},
		"conversations": func(s *store.Store, i int) error {
			c := store.Conversation{ID: fmt.Sprint(i), Actions: []store.Action{{Step: long}}}
			_, err := s.Accept(t.Context(), nil, store.Changes{Conversations: []store.Conversation{c}})
			return err
		},
		"actions": func(s *store.Store, i int) error {
			c := store.Conversation{ID: "c", Actions: []store.Action{{Step: strings.Repeat(long, i)}}}
			_, err := s.Accept(t.Context(), nil, store.Changes{Conversations: []store.Conversation{c}})
			return err
		},
		"deliveries once more": func(s *store.Store, i int) error {
			if i == 0 {
				subscribe(t, s, "a")
				accept(t, s, accepted(0, "a"))
			}
			_, err := s.Redeliver(t.Context(), onceMore(1, "a"), "resend", noon())
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(folder(t), "f")
			s := open(t, path, store.Options{KeepMost: most})
			for i := range 60 {
				err := add(s, i)
				if err != nil && !errors.Is(err, store.ErrTooLarge) {
					trouble := troubleOf(t, err)
					if trouble.Kind != store.OverLimit {
						t.Fatalf("%d: %v", i, err)
					}
				}
				within(t, s, most)
			}
			whole(t, s)
		})
	}
}

// The newest answers to requests with a key are kept, as many as there is space for.
func TestAnswersHaveALimit(t *testing.T) {
	s := open(t, "", store.Options{KeepMost: 2 << 20})
	ctx := t.Context()
	const all = 20
	for i := range all {
		_, _, _, err := s.Remember(ctx, fmt.Sprint(i), "request", 201, make([]byte, 30_000))
		must(t, err)
	}
	must(t, s.Forget(ctx, time.Now()))
	var kept []int
	for i := range all {
		before, _, _, err := s.Remember(ctx, fmt.Sprint(i), "request", 0, nil)
		must(t, err)
		if before != nil {
			kept = append(kept, i)
		}
	}
	if n := len(kept); n < 5 || n > 8 || kept[0] != all-n {
		t.Errorf("kept are %v, want the last of %d", kept, all)
	}
}

// What was done just before the limit was reached is remembered beyond it: who asks again must not get it twice.
func TestAnswersAreKeptAtTheLimit(t *testing.T) {
	const most = 2 << 20
	s, _ := filled(t, filepath.Join(folder(t), "f"), most)
	_, _, _, err := s.Remember(t.Context(), "one", "request", 201, make([]byte, 10_000))
	must(t, err)
	before, _, same, err := s.Remember(t.Context(), "one", "request", 0, nil)
	if err != nil || !same || len(before) != 10_000 {
		t.Errorf("kept are %d bytes, %v, %v", len(before), same, err)
	}
	within(t, s, most)
	_, _, _, err = s.Remember(t.Context(), "two", "request", 201, make([]byte, 200_000))
	troubleOf(t, err)
}

func TestTheFilesAreMeasured(t *testing.T) {
	path := filepath.Join(folder(t), "f")
	s := open(t, path, store.Options{KeepMost: 1 << 20})
	var want int64
	for _, end := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + end)
		must(t, err)
		want += info.Size()
	}
	same(t, "usage", s.Usage(), store.Usage{Bytes: want, Most: 1 << 20})
}

// What waits for a dead consumer does not keep what the others of its notifications have got, whether it is one of many, and
// whether its first attempt was made.
func TestADeadConsumerKeepsNothingOfOthers(t *testing.T) {
	const most = 2 << 20
	for _, ids := range [][]string{{"dead", "a"}, {"dead", "a", "b", "c", "d", "e", "f", "g"}} {
		for _, tried := range []bool{false, true} {
			s := open(t, filepath.Join(folder(t), "f"), store.Options{KeepMost: most})
			subscribe(t, s, ids...)
			var dead []store.Delivery
			made := 0
			for full := false; !full; {
				var batch []store.Accepted
				for i := range 8 {
					next := realistic(len(dead) + i)
					next.To = ids
					batch = append(batch, next)
				}
				deliveries, err := s.Accept(t.Context(), batch, store.Changes{})
				within(t, s, most)
				if err != nil {
					must(t, s.Forget(t.Context(), noon()))
					full = s.Recover(t.Context()) != nil
					continue
				}
				made += len(deliveries)
				var attempts []store.Attempt
				var changed []store.Delivery
				for _, d := range deliveries {
					isDead := d.Subscription == "dead"
					switch {
					case !isDead:
						attempts = append(attempts, taken(&d))
					case tried:
						attempts = append(attempts, refused(&d))
					}
					if isDead {
						dead = append(dead, d)
					}
					if !isDead || tried {
						changed = append(changed, d)
					}
				}
				must(t, s.Record(t.Context(), attempts, changed))
			}
			whole(t, s)
			if _, states := s.Counts(); states[store.Waiting] != int64(len(dead)) || states[store.Delivered] > 8*int64(len(ids)) {
				t.Errorf("of %d subscriptions, tried %v: of %d deliveries, %d wait and %d are done, want %d, and nearly none",
					len(ids), tried, made, states[store.Waiting], states[store.Delivered], len(dead))
			}
			for _, d := range []store.Delivery{dead[0], dead[len(dead)-1]} {
				if now, err := s.Delivery(t.Context(), d.Number); err != nil || now.State != store.Waiting {
					t.Errorf("delivery %d is %s, %v", d.Number, now.State, err)
				}
			}
		}
	}
}
