package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// local is the built-in receiver: a real HTTP server on a loopback port of its own.
type local struct {
	receiver *receiver.Receiver
	secret   signature.Secret
	next     signature.Secret // nil if the key is never rotated
	handler  http.Handler
	listen   func() (net.Listener, error)
	listener net.Listener
	verdict  receiver.Report
	partial  bool // it gets some types only
}

// mostOfRun is how many notifications of a run are judged together: the channels of a large plan may all be open at once.
const mostOfRun = 1 << 20

// newLocal returns a receiver with options that need no secrets.
func newLocal(secret, next signature.Secret, o receiver.Options) *local {
	o.Remember = mostOfRun
	o.Secrets = []signature.Secret{secret}
	if len(next) > 0 {
		o.Secrets = append(o.Secrets, next)
	}
	r := receiver.New(o)
	return &local{receiver: r, secret: secret, next: next, handler: r, listen: func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }}
}

// target is the receiver as the emitter sees it. Its address is found when it is dialled.
func (l *local) target(types []string) emitter.Target {
	l.partial = len(types) > 0
	return emitter.Target{Name: "built-in receiver", URL: "http://127.0.0.1/events", Secret: l.secret, NextSecret: l.next, Types: types,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			if l.listener == nil {
				return nil, errors.New("the built-in receiver is not running")
			}
			var d net.Dialer
			return d.DialContext(ctx, network, l.listener.Addr().String())
		}}
}

// serve starts the server; stop ends it and waits for that.
func (l *local) serve() (stop func(), err error) {
	listener, err := l.listen()
	if err != nil {
		return nil, &statusError{exitFailed, fmt.Errorf("built-in receiver: cannot listen: %w", err)}
	}
	l.listener = listener
	server := l.receiver.Server()
	server.Handler = l.handler
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // always ErrServerClosed, once stopped
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
		<-done
	}, nil
}

// finish takes the verdict, once all has been sent.
func (l *local) finish() { l.verdict = l.receiver.Report() }

// writeVerdict summarises the requests that a receiver got.
func writeVerdict(w io.Writer, r *receiver.Report) error {
	channels := 0
	for _, life := range r.Lives {
		if life.Ended {
			channels++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nreceived: %d accepted, %s, %d ignored, %d refused; %s ended, %d open, ",
		r.Accepted, counted(r.Duplicates, "duplicate"), r.Ignored, refusals(r), counted(channels, "channel"), r.Open)
	if r.Forgotten > 0 {
		fmt.Fprintf(&b, "%s judged and forgotten, ", show.Grouped(uint64(r.Forgotten)))
	}
	b.WriteString(counted(len(r.Violations)+r.Unlisted, "violation"))
	if n := len(r.Remarks); n > 0 {
		fmt.Fprintf(&b, ", %s", show.Counted(uint64(n), "remark"))
	}
	b.WriteByte('\n')
	if r.ForgottenIDs > 0 {
		fmt.Fprintf(&b, "%s forgotten before 25 h were over: a duplicate of one of them counts as another notification\n", show.Counted(uint64(r.ForgottenIDs), "ID"))
	}
	listFindings(&b, texts(r.Violations), len(r.Violations)+r.Unlisted)
	lines := remarks(r.Remarks)
	listFindings(&b, lines, len(lines))
	_, err := io.WriteString(w, b.String())
	return err
}

// counted is show.Counted of what is never negative.
func counted(n int, thing string) string { return show.Counted(uint64(n), thing) }

// listFindings lists the first of some findings.
func listFindings(b *strings.Builder, found []string, all int) {
	const most = 20
	for _, text := range found[:min(most, len(found))] {
		fmt.Fprintf(b, "  %s\n", text)
	}
	if all > most {
		fmt.Fprintf(b, "  … and %d more\n", all-most)
	}
}

// texts are findings as lines; those that are no violations begin with their class.
func texts(findings []receiver.Finding) []string {
	lines := make([]string, len(findings))
	for i, f := range findings {
		if lines[i] = f.String(); f.Class != event.Violation {
			lines[i] = string(f.Class) + ": " + lines[i]
		}
	}
	return lines
}

// remarks are findings that are no violations, as lines: a few of each rule, since most senders that
// do not keep one never do, and how many more there are.
func remarks(findings []receiver.Finding) []string {
	const most = 10
	var listed []receiver.Finding
	counts := map[receiver.Rule]int{}
	for _, f := range findings {
		if counts[f.Rule]++; counts[f.Rule] <= most {
			listed = append(listed, f)
		}
	}
	lines := texts(listed)
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		if more := counts[rule] - most; more > 0 {
			lines = append(lines, fmt.Sprintf("… and %d more: %s", more, rule))
		}
	}
	return lines
}

func refusals(r *receiver.Report) int {
	n := 0
	for _, of := range r.Refused {
		n += of
	}
	return n
}

// drawLives draws each channel that a receiver knows, with a bar for each phase. Names give
// channels the names of their parties, where they are known.
func drawLives(w io.Writer, lives []receiver.Life, names map[event.GUID]string) error {
	const most = 40
	var lanes []report.Lane
	for _, life := range lives[:min(most, len(lives))] {
		lanes = append(lanes, report.ChannelLane(laneLabel(&life, names), life.Version, life.Spans))
	}
	if len(lanes) == 0 {
		return nil
	}
	if err := (report.Drawing{Width: 72, Color: bool(show.ColoursFor(w))}).Write(w, lanes); err != nil {
		return err
	}
	if len(lives) > most {
		_, err := fmt.Fprintf(w, "… and %d more channels\n", len(lives)-most)
		return err
	}
	return nil
}

func laneLabel(l *receiver.Life, names map[event.GUID]string) string {
	switch label := names[l.ChannelID]; {
	case label != "":
		return label
	case l.User.AgentID != "":
		return fmt.Sprintf("%s %s", l.Role, l.User.AgentID)
	}
	return fmt.Sprintf("%s %.8s", l.Role, l.ChannelID.String())
}

// counts is the verdict of the built-in receiver as reports have it, or nil if there is none.
func (l *local) counts() *report.Receiver {
	if l == nil {
		return nil
	}
	v := &l.verdict
	return &report.Receiver{Accepted: v.Accepted, Duplicates: v.Duplicates, Ignored: v.Ignored, Refused: refusals(v),
		Open: v.Open, Forgotten: v.Forgotten, ForgottenIDs: v.ForgottenIDs, Violations: texts(v.Violations), Remarks: remarks(v.Remarks), Violated: len(v.Violations) + v.Unlisted}
}
