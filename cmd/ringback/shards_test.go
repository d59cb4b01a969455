package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// taken is what a consumer got, in its order.
type taken struct {
	mu     sync.Mutex
	bodies []string
	first  time.Time // when the first request came
	bad    string
}

func (c *taken) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.bad = err.Error()
	}
	if c.bodies = append(c.bodies, string(body)); c.first.IsZero() {
		c.first = time.Now()
	}
}

// stories are the ids of each conversation, in the order in which they first came.
func stories(t *testing.T, bodies []string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, body := range bodies {
		var n struct {
			ID   string
			Data struct {
				Channel struct{ ConversationID string }
			}
		}
		if err := json.Unmarshal([]byte(body), &n); err != nil || n.Data.Channel.ConversationID == "" {
			t.Fatalf("the body %q: %v", body, err)
		}
		if of := n.Data.Channel.ConversationID; !slices.Contains(all[of], n.ID) {
			all[of] = append(all[of], n.ID)
		}
	}
	return all
}

// sharded is a plan that four processes play together.
var sharded = []string{"inbound-call-with-hold", "transfer", "voicemail", "--count", "200", "--calls", "10/s", "--seed", "7",
	"--start", "2025-03-03T09:00:00Z", "--event-version", "both", "--fault", "duplicate 2%"}

func TestFourShardsAreTheWholeRun(t *testing.T) {
	t.Parallel()
	const shards = 4
	whole, err := exec.Command("ringback", append([]string{"plan", "--format", "ndjson"}, sharded...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(whole)), "\n")

	var consumer taken
	server := httptest.NewServer(&consumer)
	defer server.Close()
	dir, at := t.TempDir(), time.Now().Add(500*time.Millisecond)
	args := append([]string{"run"}, append(sharded, "--to", server.URL, "--speed", "max", "--output", "quiet", "--at", at.Format(time.RFC3339Nano),
		"--report", filepath.Join(dir, "shard-{shard}.json"), "--log", filepath.Join(dir, "rows-{shard}.jsonl"))...)
	var processes sync.WaitGroup
	for k := range shards {
		processes.Go(func() {
			cmd := exec.Command("ringback", append(args, "--shard", fmt.Sprintf("%d/%d", k, shards))...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("shard %d: %v\n%s", k, err, out)
			}
		})
	}
	processes.Wait()
	server.Close()
	if consumer.bad != "" || t.Failed() {
		t.Fatal(consumer.bad)
	}

	if consumer.first.Before(at) {
		t.Errorf("the first request came at %v, before %v", consumer.first, at)
	}
	if got, want := slices.Sorted(slices.Values(consumer.bodies)), slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		t.Errorf("the shards sent %d bodies that are not the %d of the whole plan", len(got), len(want))
	}
	got := stories(t, consumer.bodies)
	for id, ids := range stories(t, want) {
		if !slices.Equal(got[id], ids) {
			t.Errorf("of conversation %s came %v, want %v", id, got[id], ids)
		}
	}
	if n := len(slices.Collect(maps.Keys(got))); n != 200 {
		t.Errorf("%d conversations, want 200", n)
	}
	checkMerged(t, dir, shards, len(want))
}

// checkMerged holds the merged report of shards against the rows of their logs.
func checkMerged(t *testing.T, dir string, shards, sent int) {
	t.Helper()
	all := hdrhistogram.New(1, (24 * time.Hour).Microseconds(), 3)
	var files []string
	for k := range shards {
		for _, row := range latencies(t, filepath.Join(dir, fmt.Sprintf("rows-%d.jsonl", k))) {
			if err := all.RecordValue(row); err != nil {
				t.Fatal(err)
			}
		}
		files = append(files, filepath.Join(dir, fmt.Sprintf("shard-%d.json", k)))
	}
	out, err := exec.Command("ringback", append([]string{"report", "--json"}, files...)...).Output()
	if err != nil {
		t.Fatalf("ringback report: %v\n%s", err, out)
	}
	type total struct {
		Accepted int
		Latency  struct {
			Count, P50, P90, P99, P99_9, Max int64
		} `json:"latency_us"`
	}
	var merged struct{ Total total }
	if err := json.Unmarshal(out, &merged); err != nil {
		t.Fatal(err)
	}
	want := total{Accepted: sent}
	at := all.ValueAtPercentile
	want.Latency.Count, want.Latency.P50, want.Latency.P90 = all.TotalCount(), at(50), at(90)
	want.Latency.P99, want.Latency.P99_9, want.Latency.Max = at(99), at(99.9), all.Max()
	if merged.Total != want {
		t.Errorf("merged %+v, want as in the logs %+v", merged.Total, want)
	}
}

// latencies are the times of all answers of a log, in µs.
func latencies(t *testing.T, path string) (all []int64) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var row struct {
			Latency *int64 `json:"latency_us"`
		}
		if err := json.Unmarshal(line, &row); err != nil || row.Latency == nil {
			t.Fatalf("row %s: %v", line, err)
		}
		all = append(all, *row.Latency)
	}
	return all
}
