package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/textfile"
)

// mostRead is far above what a report can take, in bytes.
const mostRead = 64 << 20

// Read reads what WriteJSON wrote. Keys that it does not know are of newer versions, and left
// out. The text may have any form that package textfile reads. Its errors say what is wrong with the text, not where it comes from.
func Read(r io.Reader) (*Summary, error) {
	text, err := textfile.Read(r, mostRead)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("not a JSON report of a run: the file is empty")
	}
	if len(text) > mostRead {
		return nil, fmt.Errorf("more than %d MiB are no report", mostRead>>20)
	}
	s := &Summary{}
	if err := ofRun(text); err != nil {
		return nil, err
	}
	if err := cmp.Or(jsontext.Check(text), json.Unmarshal(text, s)); err != nil {
		return nil, fmt.Errorf("not a JSON report of a run: %w", err)
	}
	switch {
	case s.SchemaVersion == 0:
		return nil, errors.New("not a report: it has no schema_version")
	case s.SchemaVersion > SchemaVersion:
		return nil, fmt.Errorf("schema_version %d is newer than this version of ringback knows (%d)", s.SchemaVersion, SchemaVersion)
	case s.Ended.Before(s.Started):
		return nil, errors.New("the run ended before it began")
	case s.Shard != nil && s.Shard.Index >= s.Shard.Of:
		return nil, fmt.Errorf("there is no shard %s", s.Shard)
	}
	if s.Rules == nil { // of an older version
		s.Rules = []Rule{}
	}
	if err := s.Series.check(); err != nil {
		return nil, err
	}
	all := []*Distribution{s.Pacing, s.Total.Latency, s.Total.Lateness}
	for i := range s.Targets {
		all = append(all, s.Targets[i].Latency, s.Targets[i].Lateness)
	}
	for _, d := range all {
		if d.counts() != nil {
			d.complete()
		}
	}
	return s, nil
}

// longestRun bounds the moments of a series, in seconds.
const longestRun = 1 << 26

// check reports whether a series can be drawn and added up.
func (s *Series) check() error {
	if s == nil || len(s.Points) == 0 {
		return nil
	}
	if s.Step < 1 || s.Step&(s.Step-1) != 0 || s.Step > longestRun || len(s.Points) > mostPoints {
		return fmt.Errorf("series: want at most %d points and a step of 1, 2, 4 … seconds, got %d points and %d", mostPoints, len(s.Points), s.Step)
	}
	last := int64(0)
	for i := range s.Points {
		p := &s.Points[i]
		if p.At <= last || p.At%s.Step != 0 || p.At > longestRun {
			return fmt.Errorf("series: a point at %d s does not fit behind one at %d s, with a step of %d s", p.At, last, s.Step)
		}
		last = p.At
		for _, d := range []*Spread{p.Latency, p.Lateness} {
			if d != nil && len(d.Buckets) == 0 {
				return fmt.Errorf("series: the times at %d s have no buckets", p.At)
			}
		}
	}
	return nil
}

// ofRun refuses a JSON object of ringback's that is no report of a run.
func ofRun(text []byte) error {
	var keys map[string]json.RawMessage
	if json.Unmarshal(text, &keys) != nil || keys["schema_version"] == nil {
		return nil // which is told in other words
	}
	for _, other := range []struct{ key, of string }{{"differences", "a comparison"}, {"holds_per_s", "a search for capacity"}, {"findings", "an examination"}} {
		if keys[other.key] != nil {
			return fmt.Errorf("not a report of a run, but one of %s", other.of)
		}
	}
	version := 0
	for _, key := range []string{"targets", "total"} {
		if keys[key] == nil && json.Unmarshal(keys["schema_version"], &version) == nil && version <= SchemaVersion {
			return fmt.Errorf("not a report of a run: it has no %s", key)
		}
	}
	return nil
}
