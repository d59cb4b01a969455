package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/receiver"
)

func (p *program) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify FILE.ndjson",
		Short: "Check recorded notifications",
		Long: `verify reads recorded notifications, one body or one row of "receive --log" per line, and
lists what is wrong with them, line by line: envelope, payload, identity and lifecycle.
- is standard input.`,
		Example: `  ringback verify received.ndjson
  ringback plan inbound-call-with-hold --format ndjson | ringback verify -`,
		Args: arguments(1, 1, "one file", "no recording; `ringback receive --log FILE` writes one"),
		RunE: func(_ *cobra.Command, args []string) error { return p.verify(args[0]) },
	}
}

func (p *program) verify(path string) error {
	in, err := p.open(path)
	if err != nil {
		return &statusError{exitUsage, err}
	}
	defer in.Close()
	path = inputName(path)
	v := &verifying{receiver: receiver.New(receiver.Options{}), lines: map[string]int{}}
	if err := v.read(in); err != nil {
		return &statusError{exitUsage, fmt.Errorf("%s: line %d: %w", path, v.line+1, err)}
	}
	report := v.receiver.Report()
	for _, violation := range report.Violations {
		v.found = append(v.found, finding{v.lines[violation.ID.String()],
			fmt.Sprintf("%s: %s: %s", violation.Rule, violation.Type, violation.Sentence)})
	}
	sort.SliceStable(v.found, func(a, b int) bool { return v.found[a].line < v.found[b].line })
	w := bufio.NewWriter(p.out)
	for _, f := range append(v.found, v.notes...) {
		fmt.Fprintf(w, "%s:%d: %s\n", path, f.line, f.text)
	}
	fmt.Fprintf(w, "%d notifications: %d accepted, %d duplicates, %d of unknown type, %d faulty; %d channels, %d of them open; %d violations\n",
		v.count, report.Accepted, report.Duplicates, v.unknown, v.faulty, len(report.Lives), report.Open, len(report.Violations)+report.Unlisted)
	if v.refused > 0 {
		fmt.Fprintf(w, "%s left out because the receiver refused them\n", show.Counted(uint64(v.refused), "row"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	switch {
	case v.count+v.refused == 0:
		return &statusError{exitFailed, fmt.Errorf("%s holds no notifications", path)}
	case len(v.found) > 0 || report.Unlisted > 0:
		return &statusError{exitFailed, nil}
	}
	return nil
}

// verifying is one file under examination.
type verifying struct {
	receiver *receiver.Receiver
	lines    map[string]int // by ID of notification
	line     int
	count    int
	unknown  int
	faulty   int
	refused  int // rows of a record that were refused at receipt
	found    []finding
	notes    []finding // what is no fault
}

type finding struct {
	line int
	text string
}

// maxLine is the longest line that is read.
const maxLine = 8 << 20

func (v *verifying) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		v.line++
		body := bytes.TrimSpace(lines.Bytes())
		if len(body) == 0 {
			continue
		}
		body, refused, err := unwrap(body)
		if err != nil {
			v.line-- // the caller names the line
			return err
		}
		if refused {
			v.refused++
			continue
		}
		v.judge(body)
	}
	return lines.Err()
}

// unwrap returns the body of a row of "receive --log". Rows that the receiver refused prove
// nothing, and are left out.
func unwrap(line []byte) (body []byte, refused bool, err error) {
	var r struct {
		Run         *string `json:"run"`
		Outcome     *string `json:"outcome"`
		SpecVersion *string `json:"specversion"`
		Body        *string `json:"body"`
		Status      int     `json:"status"`
	}
	switch json.Unmarshal(line, &r); {
	case r.SpecVersion != nil:
	case r.Run != nil && r.Outcome != nil:
		return nil, false, recording.ErrAttemptLog
	case r.Body != nil:
		return []byte(*r.Body), r.Status == 401 || r.Status == 405 || r.Status == 413 || r.Status == 415, nil
	}
	return line, false, nil
}

// judge parses strictly, and passes on what a consumer would accept, so that one small
// problem does not look like a missing notification.
func (v *verifying) judge(body []byte) {
	v.count++
	e, err := event.Parse(body)
	var problems event.Problems
	switch {
	case errors.As(err, &problems) && problems.OnlyUnknownType():
		v.unknown++
		v.notes = append(v.notes, finding{v.line, "note: " + err.Error()})
		return
	case errors.As(err, &problems):
		v.faulty++
		for _, f := range problems {
			v.found = append(v.found, finding{v.line, f.String()})
		}
		if e, err = event.Read(body); err != nil {
			return
		}
	case err != nil:
		v.faulty++
		v.found = append(v.found, finding{v.line, err.Error()})
		return
	}
	if _, seen := v.lines[e.ID.String()]; !seen {
		v.lines[e.ID.String()] = v.line
	}
	v.receiver.Add(e)
}
