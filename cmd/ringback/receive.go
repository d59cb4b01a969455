package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/mischief"
	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/signature"
)

type receiveFlags struct {
	listen, log  string
	limit        time.Duration
	secrets      []string
	expect       uint64
	assume       []string
	quiet        bool
	complete     bool
	misbehaviour mischief.Options

	signed      []signature.Secret
	development bool // nobody named a secret
	doubts      settings.Doubts
	set         assume.Set
}

func (p *program) receiveCommand() *cobra.Command {
	var f receiveFlags
	cmd := &cobra.Command{
		Use:   "receive [flags]",
		Short: "Run a consumer that verifies every notification",
		Long: `receive listens for notifications, verifies each one and prints its verdict. At the end it
draws the life of every channel as it understood it. It ends when the expected number of
different notifications has been accepted, when its time is over, or at an interrupt.

Exit status 1 means that something was refused, that the notifications violate what the API's
documentation says, or that fewer than expected came. A channel may have begun before receive
did: without its beginning it is a note, unless --complete is given. A receiver that misbehaves on purpose (--answer
and the flags below it) responds before it accepts a request; a valid notification that was
rejected and never accepted on retry means exit status 1, too.`,
		Example: `  ringback receive --listen 127.0.0.1:8080
  ringback receive --listen 127.0.0.1:8080 --expect 11 --for 1m --log received.ndjson
  ringback receive --listen 127.0.0.1:8080 --answer "503 x2, 200" --latency 10ms..2s`,
		Args: noArguments,
		PreRunE: func(cmd *cobra.Command, args []string) error {
			return inFlags(f.parse(), apart(cmd, args, written(f.log, nil)))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return p.receive(cmd.Context(), &f) },
	}
	section(cmd, "Receiver", f.add)
	section(cmd, "Misbehaviour", func(flags *pflag.FlagSet) { addMisbehaviour(flags, &f.misbehaviour) })
	return cmd
}

func (f *receiveFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "`HOST:PORT` address to listen on; port 0: any free port")
	flags.StringArrayVar(&f.secrets, "secret", nil, "`BASE64|@FILE` signing secret of the subscription; may be repeated while keys are rotated (default the public development secrets)")
	parsed(flags, &f.expect, "expect", "", "`N` end when so many different notifications were accepted", upTo(uint64(scenario.MaxConversations)))
	parsed(flags, &f.limit, "for", "", "`D` end after this time, such as 1m", settings.ParseDuration)
	flags.BoolVar(&f.complete, "complete", false, "no channel began before: one without its beginning is a violation")
	flags.StringVar(&f.log, "log", "", "`FILE` append every body and its verdict, one JSON object per line")
	flags.BoolVar(&f.quiet, "quiet", false, "print no line for each notification")
	flags.StringSliceVar(&f.assume, "assume", nil, "`NAME=VALUE` choose where the API's documentation is silent: signature-prefix; see docs/assumptions.md")
}

// parse reads the flags whose text is not their value.
func (f *receiveFlags) parse() (err error) {
	var unread error
	f.signed, f.development, f.doubts, unread = settings.ReadSecrets(f.secrets)
	f.set, err = parseAssume(f.assume)
	var wrong error
	if err := f.misbehaviour.Check(); err != nil {
		wrong = usage("--hang, --reset: %w", err)
	}
	return inFlags(unread, err, wrong, logNamed(f.log))
}

func (p *program) receive(ctx context.Context, f *receiveFlags) error {
	mischief := f.misbehaviour
	release := make(chan struct{}) // what hangs on purpose
	mischief.Release = release
	record, err := openRecord(f.log, func(text string) { p.messages.Print("ringback: " + text) })
	if err != nil {
		return err
	}
	r := &receiving{program: p, flags: f, record: record, enough: make(chan struct{}), colours: show.ColoursFor(p.out)}
	r.say = r.print
	rec := receiver.New(receiver.Options{Secrets: f.signed, SignaturePrefix: settings.SignaturePrefix(f.set), Partial: !f.complete, On: r.judged})
	listener, err := netguard.Listen(f.listen)
	if err != nil {
		return errors.Join(usage("--listen: %w", err), record.close())
	}
	fmt.Fprintf(p.out, "listening on http://%s\n", listener.Addr())
	p.noteSecrets(f.development, f.doubts.Warnings)
	p.noteIdle(f.set, func(n assume.Name) bool { return n == assume.SignaturePrefix })
	if mischief.Random() {
		fmt.Fprintf(p.err, "misbehaving with seed %d\n", mischief.Seed)
	}
	server := rec.Server()
	server.WriteTimeout += mischief.Latency.Max()
	server.Handler = record.handler(r.misbehave(rec, mischief))
	listener = netguard.Limit(server, listener, min(mostSenders, policy.ConnectionsWithin(policy.OpenFiles())))
	p.begin()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	err = r.wait(ctx, f.limit, served)
	close(release)
	shut, cancel := context.WithTimeout(context.Background(), 2*time.Second+mischief.Latency.Max())
	defer cancel()
	if server.Shutdown(shut) != nil {
		_ = server.Close()
	}
	return r.conclude(rec, errors.Join(err, record.close()))
}

// mostSenders is how many connections receive keeps open: about 300 MB with what the system needs for them.
const mostSenders = 10_000

// receiving is one call of receive.
type receiving struct {
	*program
	flags    *receiveFlags
	record   *record
	colours  show.Colours
	accepted atomic.Uint64
	enough   chan struct{} // closed when the expected number is there
	misbehaviour
	printing sync.Mutex
}

func (r *receiving) judged(j receiver.Judgement) {
	r.print(r.line(&j))
	r.misbehaviour.judged(&j)
	if j.Result == receiver.Accepted && r.accepted.Add(1) == r.flags.expect {
		close(r.enough)
	}
}

// print prints a line about a request, unless there are to be none.
func (r *receiving) print(line string) {
	if r.flags.quiet {
		return
	}
	r.printing.Lock()
	defer r.printing.Unlock()
	fmt.Fprintln(r.out, line)
}

func (r *receiving) line(j *receiver.Judgement) string {
	text := fmt.Sprintf("%s  %d %-9s", j.At.UTC().Format("15:04:05.000"), j.Status, j.Result)
	if j.Result == receiver.Refused {
		return r.colours.Bad(text) + "  " + string(j.Code) + ": " + j.Reason
	}
	if j.Result == receiver.Ignored {
		return text + "  " + j.Reason
	}
	return r.colours.Good(text) + fmt.Sprintf("  %-27s  %s", j.Event.Type, j.Event.ID)
}

// wait is over when there is enough, when the time is, or when a signal came. A server
// that cannot go on is an error.
func (r *receiving) wait(ctx context.Context, limit time.Duration, served <-chan error) error {
	var over <-chan time.Time
	if limit > 0 {
		over = time.After(limit)
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
	written := cmp.Or(drawLives(r.out, verdict.Lives, nil), writeVerdict(r.out, &verdict), r.misbehaviour.write(r.out))
	if written != nil {
		return written
	}
	got := r.accepted.Load()
	switch {
	case err != nil:
		return &statusError{exitFailed, err}
	case got < r.flags.expect:
		return &statusError{exitFailed, fmt.Errorf("%d of %d expected notifications were accepted", got, r.flags.expect)}
	case len(verdict.Refused) > 0 || len(verdict.Violated) > 0 || !r.allRecovered():
		return &statusError{exitFailed, nil}
	}
	return nil
}

// openRecord opens the file that bodies and verdicts are appended to; no path is none. say is told when
// it cannot be written.
func openRecord(path string, say func(text string)) (*record, error) {
	if path == "" {
		return &record{}, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, ownerFile)
	if err != nil {
		return nil, usage("--log: %v", show.FileError(err))
	}
	return &record{file: file, say: say}, nil
}
