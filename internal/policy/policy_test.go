package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/scenario/fault"
)

func TestTheLadderLastsADay(t *testing.T) {
	var waited time.Duration
	n := 0
	for again := true; again; {
		var wait time.Duration
		n++
		if waited != Waited(n) {
			t.Errorf("%s before attempt %d, want %s", Waited(n), n, waited)
		}
		if wait, again = Next(n, waited, 0, RetryFor); again {
			waited += wait
		}
	}
	if waited > RetryFor || waited < RetryFor-15*time.Minute {
		t.Errorf("%d attempts within %s", n, waited)
	}
}

func TestNext(t *testing.T) {
	const s, day = time.Second, RetryFor
	for _, tt := range []struct {
		n                         int
		spent, asked, limit, wait time.Duration
		again                     bool
	}{
		{1, 0, 0, day, 5 * s, true},
		{4, 0, 0, day, 40 * s, true},
		{9, 0, 0, day, 15 * time.Minute, true},
		{1000, 0, 0, day, 15 * time.Minute, true},
		{1, day, 0, day, 5 * s, false},
		{1, day - 5*s, 0, day, 5 * s, true},
		{1, day - 5*s + 1, 0, day, 5 * s, false},
		{1, 0, time.Hour, day, time.Hour, true},
		{1, 0, s, day, 5 * s, true},
		{1, 0, 1<<63 - 1, day, 1<<63 - 1, false},
		{1, 0, 0, -1, 5 * s, false},
	} {
		if wait, again := Next(tt.n, tt.spent, tt.asked, tt.limit); wait != tt.wait || again != tt.again {
			t.Errorf("Next(%d, %s, %s, %s) is %s, %v; want %s, %v", tt.n, tt.spent, tt.asked, tt.limit, wait, again, tt.wait, tt.again)
		}
	}
}

func TestJudge(t *testing.T) {
	accepts := func(status int) bool { return status >= 200 && status <= 205 }
	for want, verdicts := range map[fault.Want]map[int]Verdict{
		fault.Accept:          {0: Retry, 200: Accepted, 206: Retry, 302: Retry, 401: Retry, 429: Retry, 500: Retry},
		fault.RefuseSignature: {0: Retry, 200: WronglyAccepted, 302: Mishandled, 206: Mishandled, 400: Refused, 401: Refused, 403: Refused, 404: Mishandled, 408: Retry, 413: Mishandled, 429: Retry, 500: Retry, 503: Retry, 599: Retry},
		fault.Finish:          {0: Retry, 200: Accepted, 205: Accepted, 226: Accepted, 302: Mishandled, 400: Refused, 401: Mishandled, 403: Refused, 408: Retry, 413: Refused, 422: Refused, 429: Retry, 502: Retry, 503: Retry},
	} {
		for status, verdict := range verdicts {
			if got := Judge(want, status, accepts(status)); got != verdict {
				t.Errorf("%d, where a correct consumer would %s, is judged %d, want %d", status, want, got, verdict)
			}
		}
	}
}

// Whatever comes and ends, each conversation has one attempt at a time, in the order in which
// they came, and none is forgotten.
func TestOrder(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		var order Order[int, string]
		var going []string
		last, added := map[int]int{}, map[int]int{}
		begin := func(v string) {
			var conversation, number int
			fmt.Sscanf(v, "%d/%d", &conversation, &number)
			if number != last[conversation]+1 {
				t.Fatalf("seed %d: %s begins after %d", seed, v, last[conversation])
			}
			last[conversation] = number
			going = append(going, v)
		}
		for step := 0; step < 2000 || len(going) > 0; step++ {
			if step < 2000 && random.IntN(2) == 0 {
				conversation := random.IntN(20)
				added[conversation]++
				if v := fmt.Sprintf("%d/%d", conversation, added[conversation]); order.Add(conversation, v) {
					begin(v)
				}
				continue
			}
			if len(going) == 0 {
				continue
			}
			i := random.IntN(len(going))
			var conversation int
			fmt.Sscanf(going[i], "%d/", &conversation)
			going = slices.Delete(going, i, i+1)
			if next, more := order.Done(conversation); more {
				begin(next)
			}
		}
		for conversation, n := range added {
			if last[conversation] != n {
				t.Errorf("seed %d: conversation %d has begun %d of %d", seed, conversation, last[conversation], n)
			}
		}
	}
}

func TestDrainTakesWhatWaits(t *testing.T) {
	var order Order[string, int]
	for i := range 5 {
		order.Add([]string{"a", "b"}[i%2], i)
	}
	all := order.Drain()
	slices.Sort(all)
	if !slices.Equal(all, []int{2, 3, 4}) {
		t.Errorf("drained %v, want 2, 3 and 4", all)
	}
}

func TestFirstAttemptsAndRetriesTakeTurns(t *testing.T) {
	var turns Turns[int]
	for i := range 3 {
		turns.First.Push(i)
	}
	for i := range 5 {
		turns.Retries.Push(10 + i)
	}
	var got []int
	for turns.Len() > 0 {
		v, first := turns.Next()
		if first != (v < 10) {
			t.Errorf("%d is a first attempt: %v", v, first)
		}
		got = append(got, v)
	}
	if want := []int{0, 10, 1, 11, 2, 12, 13, 14}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}
