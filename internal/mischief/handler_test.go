package mischief_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/mischief"
	"github.com/ringback/ringback/scenario"
)

func parse(t *testing.T, text string) mischief.Answers {
	t.Helper()
	a, err := mischief.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func body(id int) string { return fmt.Sprintf(`{"id":"%d","source":"/channel"}`, id) }

func notification(id int) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body(id)))
}

// accepting accepts everything that it can read, and keeps it.
func accepting(got *[]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		text, err := io.ReadAll(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if got != nil {
			*got = append(*got, string(text))
		}
		w.Header().Set("X-Consumer", "it")
		io.WriteString(w, "thanks")
	})
}

func refusing() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusUnauthorized) })
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name     string
		consumer http.Handler
		text     string
		want     string // status, Retry-After, the consumer's header, length of the body
	}{
		{"without answers the consumer's own goes out", accepting(nil), "", "200 [] [it] 6"},
		{"a success has another status on request", accepting(nil), "202", "202 [] [it] 6"},
		{"no content has no body", accepting(nil), "204", "204 [] [it] 0"},
		{"a refusal is never hidden behind a success", refusing(), "202", "401 [] [] 3"},
		{"a failure does not ask the consumer", refusing(), "503", "503 [] [] 11"},
		{"a time to come again", accepting(nil), "429 retry-after 90s", "429 [90] [] 11"},
		{"a part of a second is rounded up", accepting(nil), "503 retry-after 1500ms", "503 [2] [] 11"},
		{"megabytes of success", accepting(nil), "200 oversize", "200 [] [it] 4194304"},
		{"megabytes of failure", accepting(nil), "500 oversize retry-after 1s", "500 [1] [] 4194304"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var o mischief.Options
			if tt.text != "" {
				o.Answers = parse(t, tt.text)
			}
			rec := httptest.NewRecorder()
			mischief.New(tt.consumer, o).ServeHTTP(rec, notification(1))
			if got := fmt.Sprint(rec.Code, rec.Header()["Retry-After"], rec.Header()["X-Consumer"], rec.Body.Len()); got != tt.want {
				t.Errorf("answer = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestTheConsumerGetsTheVeryRequest(t *testing.T) {
	long := strings.Repeat("long ", 1<<20)
	for name, tt := range map[string]struct {
		body io.Reader
		want []string
	}{
		"a notification":                {strings.NewReader(body(1)), []string{body(1)}},
		"a body of megabytes":           {strings.NewReader(long), []string{long}},
		"a body without an id":          {strings.NewReader("[1]"), []string{"[1]"}},
		"a body that breaks off is not": {io.MultiReader(strings.NewReader("{"), iotest.ErrReader(errors.New("gone"))), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			mischief.New(accepting(&got), mischief.Options{}).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", tt.body))
			if !slices.Equal(got, tt.want) {
				t.Errorf("the consumer got %.60q, want %.60q", got, tt.want)
			}
		})
	}
}

// tried is what 1000 notifications got, one request each, in an order.
func tried(t *testing.T, seed uint64, o mischief.Options, order []int) map[int]int {
	t.Helper()
	o.Seed = seed
	h := mischief.New(accepting(nil), o)
	got := map[int]int{}
	for _, id := range order {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, notification(id))
		got[id] = rec.Code
	}
	return got
}

func TestTheSeedDecidesAndNotTheOrder(t *testing.T) {
	var there, back []int
	for i := range 1000 {
		there, back = append(there, i), append(back, 999-i)
	}
	o := mischief.Options{Answers: parse(t, "200 90%, 500 10%")}
	first, again, other := tried(t, 7, o, there), tried(t, 7, o, back), tried(t, 8, o, there)
	failed, differ := 0, 0
	for id, status := range first {
		if status != again[id] {
			t.Fatalf("notification %d got %d in one order and %d in another", id, status, again[id])
		}
		if status != other[id] {
			differ++
		}
		if status == 500 {
			failed++
		}
	}
	if failed < 70 || failed > 130 || differ == 0 {
		t.Errorf("%d of 1000 failed, %d differ under another seed; want about 100, and some", failed, differ)
	}
}

func TestDownIsAWindowAfterTheStart(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var acts []mischief.Withheld
	h := mischief.New(accepting(nil), mischief.Options{Down: scenario.Uniform(10*time.Second, 70*time.Second),
		Now: func() time.Time { return now }, On: func(a mischief.Withheld) []byte { acts = append(acts, a); return []byte(`{}`) }})
	var got []int
	for _, step := range []time.Duration{0, 9999 * time.Millisecond, time.Millisecond, 59999 * time.Millisecond, time.Millisecond} {
		now = now.Add(step)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, notification(1))
		got = append(got, rec.Code)
	}
	if want := []int{200, 200, 503, 503, 200}; !slices.Equal(got, want) {
		t.Errorf("answers = %v, want %v", got, want)
	}
	now = now.Add(-time.Millisecond)
	rec := httptest.NewRecorder()
	if h.ServeHTTP(rec, httptest.NewRequest(http.MethodHead, "/", nil)); rec.Code != 503 {
		t.Errorf("HEAD while it is down = %d, want 503", rec.Code)
	}
	if len(acts) != 2 || acts[0].Answer.String() != "503 Service Unavailable" || string(acts[0].Body) != body(1) {
		t.Errorf("heard of %v, want the two that did not reach the consumer", acts)
	}
}

func TestLatencyPassesAfterTheConsumerHasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		h := mischief.New(accepting(&got), mischief.Options{Latency: scenario.Constant(3 * time.Second)})
		start := time.Now()
		h.ServeHTTP(httptest.NewRecorder(), notification(1))
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("the answer took %v, want 3s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, notification(2).WithContext(ctx))
		if took := time.Since(start); took != 4*time.Second || rec.Body.Len() != 0 || len(got) != 2 {
			t.Errorf("after %v: answer %q, the consumer has %d; want to end with the sender, who gets nothing, and both taken in", took, rec.Body, len(got))
		}
	})
}

// Over real connections: what is cut has no answer, and the next request has one.
func TestCuts(t *testing.T) {
	for _, how := range []string{"hang", "reset"} {
		t.Run(how, func(t *testing.T) {
			hangs := make(chan struct{}, 1)
			server := httptest.NewServer(mischief.New(accepting(nil), mischief.Options{Answers: parse(t, how+" x1, 200"),
				On: func(mischief.Withheld) []byte { hangs <- struct{}{}; return nil }}))
			defer server.Close() // waits for handlers: what hangs must end with its sender
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if how == "hang" {
				go func() { <-hangs; cancel() }()
			}
			post := func(ctx context.Context) (int, error) {
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, bytes.NewBufferString(body(1)))
				if err != nil {
					t.Fatal(err)
				}
				resp, err := server.Client().Do(req)
				if err != nil {
					return 0, err
				}
				return resp.StatusCode, resp.Body.Close()
			}
			if status, err := post(ctx); err == nil {
				t.Errorf("first answer = %d, want none", status)
			}
			if status, err := post(t.Context()); status != 200 {
				t.Errorf("second answer = %d, %v; want 200", status, err)
			}
		})
	}
}

func TestSharesOfHangAndResetAreDrawn(t *testing.T) {
	acts := map[mischief.Cut]int{}
	h := mischief.New(accepting(nil), mischief.Options{Hang: 0.1, Reset: 0.5, Seed: 3, On: func(a mischief.Withheld) []byte { acts[a.Answer.Cut]++; return nil }})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for id := range 1000 {
		func() {
			defer func() {
				if r := recover(); r != nil && r != http.ErrAbortHandler {
					panic(r)
				}
			}()
			h.ServeHTTP(httptest.NewRecorder(), notification(id).WithContext(gone))
		}()
	}
	if acts[mischief.Hang] < 70 || acts[mischief.Hang] > 130 || acts[mischief.Reset] < 450 || acts[mischief.Reset] > 550 {
		t.Errorf("%d hung and %d were reset; want about 100 and 500", acts[mischief.Hang], acts[mischief.Reset])
	}
}
