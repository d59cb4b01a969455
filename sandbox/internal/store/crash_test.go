package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// childAccepts accepts and records until it is killed. What it prints, it was promised.
func childAccepts(path string) int {
	ctx := context.Background()
	s, err := store.Open(path, store.Options{KeepFor: 1000 * time.Hour})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	store.Pack(s, 3)
	for {
		a := accepted(0, "a", "b", "c")
		all := []store.Accepted{a, a, a}
		deliveries, err := s.Accept(ctx, all, store.Changes{Positions: map[string]uint64{"run": 1}})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Printf("accepted %d %d\n", all[2].Number, deliveries[8].Number)
		for i := range deliveries[:3] {
			deliveries[i].State = store.Delivered
		}
		if err := s.Record(ctx, []store.Attempt{{Delivery: deliveries[0].Number, Try: 1}}, deliveries[:3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Printf("recorded %d\n", deliveries[2].Number)
	}
}

// Time and again a process is killed while it writes. All that it was promised is there then,
// each batch is whole, and the file is in order.
func TestNothingAcceptedIsLostWhenTheProcessIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	path := filepath.Join(t.TempDir(), "f")
	s := open(t, path, store.Options{})
	subscribe(t, s, "a", "b", "c")
	must(t, s.SaveRun(t.Context(), store.Run{ID: "run", State: store.RunGoing}))
	must(t, s.Close())
	const seed = 11
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range kills {
		notification, delivery, recorded := killed(t, path, 1+r.IntN(20), time.Duration(r.IntN(3000))*time.Microsecond)
		s := open(t, path, store.Options{})
		whole(t, s)
		n, states := s.Counts()
		if all := states[store.Waiting] + states[store.Delivered]; n < notification || all < delivery || n%3 != 0 || all != 3*n {
			t.Fatalf("seed %d, kill %d: %d notifications and %d deliveries were promised, %d and %d are there", seed, i, notification, delivery, n, all)
		}
		if d, err := s.Delivery(t.Context(), recorded); recorded != 0 && (err != nil || d.State != store.Delivered) {
			t.Fatalf("seed %d, kill %d: delivery %d is %+v, %v", seed, i, recorded, d, err)
		}
		must(t, s.Close())
	}
}

// killed lets a process write, kills it a moment after some lines, and tells what it was promised last.
func killed(t *testing.T, path string, lines int, then time.Duration) (notification, delivery, recorded int64) {
	t.Helper()
	c := child(t.Context(), "accept", path)
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	said := bufio.NewScanner(out)
	for n := 0; said.Scan(); n++ {
		line := said.Text()
		if _, err := fmt.Sscanf(line, "accepted %d %d", &notification, &delivery); err != nil && strings.HasPrefix(line, "accepted") {
			t.Fatalf("%q: %v", line, err)
		}
		fmt.Sscanf(line, "recorded %d", &recorded)
		if n == lines {
			time.AfterFunc(then, func() { c.Process.Kill() })
		}
	}
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() == 1 {
		t.Fatalf("the process ended by itself: %v", err)
	}
	return notification, delivery, recorded
}
