package main

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// logged is what matters here of a row.
type logged struct {
	ID, Outcome string
	Attempt     int
	Sent        *string
}

// pageSize is what the kernel takes in from one write as a whole, whatever happens to the
// writer meanwhile.
const pageSize = 4096

// wholeRows reads a log. Only a sender that was killed in the middle of a write may leave a
// part of a row, at the end of a page, and the next one that opens the log takes it away.
func wholeRows(t *testing.T, path string, killed bool) (rows []logged) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if torn := len(text) > 0 && text[len(text)-1] != '\n'; torn && killed && len(text)%pageSize == 0 {
		if err := mend(path); err != nil {
			t.Fatal(err)
		}
		if text, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	for line := range bytes.Lines(text) {
		var row logged
		if err := json.Unmarshal(line, &row); err != nil || line[len(line)-1] != '\n' || row.ID == "" || row.Outcome == "" {
			t.Fatalf("row %d is %q: %v; want a whole one", len(rows)+1, line, err)
		}
		rows = append(rows, row)
	}
	return rows
}

// checkRows compares the log with what the consumer took in.
func (k kill) checkRows(t *testing.T, rows []logged, got map[string]bool, duplicates int) {
	t.Helper()
	final := map[string]string{}
	for _, row := range rows {
		if final[row.ID] != "" {
			t.Errorf("%s has a row after its final one", row.ID)
		}
		if row.Outcome != "retrying" {
			final[row.ID] = row.Outcome
		}
		if row.Outcome == "accepted" && !got[row.ID] {
			t.Errorf("the log says that %s was accepted, the consumer never took it in", row.ID)
		}
	}
	for id := range got {
		cutOff := final[id] == "undelivered" && len(k.signals) == 2
		if final[id] != "accepted" && !cutOff && k.signals[0] != os.Kill {
			t.Errorf("the consumer took %s in, the log says %q", id, final[id])
		}
	}
	if duplicates > 0 {
		t.Errorf("%d notifications came twice", duplicates)
	}
}

// checkSummary compares the summary with the log, which has been compared with what the
// consumer took in.
func (k kill) checkSummary(t *testing.T, rows []logged, out []byte) {
	t.Helper()
	var summary struct {
		Stop  string
		Total struct{ Matched, Accepted, Undelivered, Attempts int }
	}
	if err := json.Unmarshal(out, &summary); err != nil {
		t.Fatalf("summary %q: %v", out, err)
	}
	attempts, counts := 0, map[string]int{}
	for _, row := range rows {
		if counts[row.Outcome]++; row.Sent != nil {
			attempts++
		}
	}
	total := summary.Total
	if total.Accepted != counts["accepted"] || total.Undelivered != counts["undelivered"] || total.Attempts != attempts ||
		total.Matched != len(rows)-counts["retrying"] || total.Accepted+total.Undelivered != total.Matched {
		t.Errorf("the summary counts %+v, the log %v and %d attempts", total, counts, attempts)
	}
	if want := []string{"drained", "cancelled"}[:len(k.signals)]; !slices.Contains(want, summary.Stop) {
		t.Errorf("the run was %q, want one of %q", summary.Stop, want)
	}
}
