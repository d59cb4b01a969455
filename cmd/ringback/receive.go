package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

type receiveFlags struct {
	listen, secret, log, duration string
	expect                        uint64
	assume                        []string
	quiet                         bool
}

func (p *program) receiveCommand() *cobra.Command {
	var f receiveFlags
	cmd := &cobra.Command{
		Use:   "receive [flags]",
		Short: "Be a consumer that verifies everything",
		Long: `receive listens for notifications, verifies each one and says what it thinks of it. At the
end it draws every channel's life as it understood it. It ends when the expected number of
different notifications is there, when its time is over, or at an interrupt.

Exit status 1 means that something was refused, that the notifications contradict the
lifecycle, or that fewer came than were expected.`,
		Example: `  ringback receive --listen 127.0.0.1:8080
  ringback receive --listen 127.0.0.1:8080 --expect 11 --for 1m --log received.ndjson`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.receive(cmd.Context(), &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "`ADDRESS` to listen on; port 0 takes a free one")
	flags.StringVar(&f.secret, "secret", "", "`BASE64|@FILE`: the subscription's secret (default a development secret that everybody knows)")
	flags.Uint64Var(&f.expect, "expect", 0, "end when `N` different notifications were accepted")
	flags.StringVar(&f.duration, "for", "", "end after this time `D`, such as 1m")
	flags.StringVar(&f.log, "log", "", "`FILE` to append every body and verdict to, one JSON object a line")
	flags.StringSliceVar(&f.assume, "assume", nil, "`NAME=VALUE`: signature-prefix is what matters here; see docs/assumptions.md")
	flags.BoolVar(&f.quiet, "quiet", false, "print no line for each notification")
	return cmd
}

func (p *program) receive(ctx context.Context, f *receiveFlags) error {
	secret, development, err := readSecret(f.secret)
	if err != nil {
		return err
	}
	limit, err := parseDuration("--for", f.duration)
	if err != nil {
		return err
	}
	set, err := parseAssume(f.assume)
	if err != nil {
		return err
	}
	record, err := openRecord(f.log)
	if err != nil {
		return err
	}
	r := &receiving{program: p, flags: f, record: record, enough: make(chan struct{}), colours: coloursFor(p.out)}
	rec := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}, SignaturePrefix: prefix(set), On: r.judged})
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return usage("--listen: %v", err)
	}
	fmt.Fprintf(p.out, "listening on http://%s\n", listener.Addr())
	if development {
		fmt.Fprintln(p.err, developmentNote())
	}
	server := rec.Server()
	server.Handler = record.handler(rec)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	err = r.wait(ctx, limit, served)
	shut, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if server.Shutdown(shut) != nil {
		_ = server.Close()
	}
	return r.conclude(rec, errors.Join(err, record.close()))
}

// receiving is one call of receive.
type receiving struct {
	*program
	flags    *receiveFlags
	record   *record
	colours  colours
	accepted atomic.Uint64
	enough   chan struct{} // closed when the expected number is there
}

func (r *receiving) judged(j receiver.Judgement) {
	if !r.flags.quiet {
		fmt.Fprintln(r.out, r.line(&j))
	}
	if j.Result == receiver.Accepted && r.accepted.Add(1) == r.flags.expect {
		close(r.enough)
	}
}

func (r *receiving) line(j *receiver.Judgement) string {
	text := fmt.Sprintf("%s  %d %-9s", j.At.UTC().Format("15:04:05.000"), j.Status, j.Result)
	if j.Result == receiver.Refused {
		return r.colours.bad(text) + "  " + string(j.Code) + ": " + j.Reason
	}
	if j.Result == receiver.Ignored {
		return text + "  " + j.Reason
	}
	return r.colours.good(text) + fmt.Sprintf("  %-27s  %s", j.Event.Type, j.Event.ID)
}

// wait is over when there is enough, when the time is, or when a signal came. A server
// that cannot go on is an error.
func (r *receiving) wait(ctx context.Context, limit time.Duration, served <-chan error) error {
	var over <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-r.enough:
	case <-over:
	case <-r.drain:
	case <-ctx.Done():
	case err := <-served:
		return err
	}
	return nil
}

func (r *receiving) conclude(rec *receiver.Receiver, err error) error {
	verdict := rec.Report()
	fmt.Fprintln(r.out)
	if drawn := drawLives(r.out, verdict.Lives, nil); drawn != nil {
		return drawn
	}
	if written := writeVerdict(r.out, &verdict); written != nil {
		return written
	}
	got := r.accepted.Load()
	switch {
	case err != nil:
		return &statusError{exitFailed, err}
	case got < r.flags.expect:
		return &statusError{exitFailed, fmt.Errorf("%d of %d expected notifications were accepted", got, r.flags.expect)}
	case len(verdict.Refused) > 0 || len(verdict.Violated) > 0:
		return &statusError{exitFailed, nil}
	}
	return nil
}

// openRecord opens the file that bodies and verdicts are appended to; no path is none.
func openRecord(path string) (*record, error) {
	if path == "" {
		return &record{}, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, usage("--log: %v", reason(err))
	}
	return &record{file: file}, nil
}
