package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
)

func (p *program) waitCommand() *cobra.Command {
	var f targetFlags
	var s settings.Senders
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "wait --to URL [flags]",
		Short: "Wait until a consumer responds",
		Long: `wait sends HEAD requests, which deliver nothing, to each target until it responds. Every
status counts, 404 and 405 included, but not 502, 503 and 504, with which a gateway or the
consumer itself says that it is not ready.

Exit status 0 means that all targets have responded, 1 that one has not in time.`,
		Example: `  ringback wait --to http://127.0.0.1:8080/events
  ringback wait --to http://127.0.0.1:8080/events --for 2m && ringback run transfer --to http://127.0.0.1:8080/events`,
		Args: noArguments,
		PreRunE: func(*cobra.Command, []string) (err error) {
			s, err = f.Read(nil)
			return inFlags(err)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return p.wait(cmd.Context(), s.Targets, limit) },
	}
	section(cmd, "Target", func(flags *pflag.FlagSet) {
		flags.StringSliceVar(&f.To, "to", nil, "`URL` wait for this consumer; may be repeated")
		parsed(flags, &limit, "for", "30s", "`D` time limit for all targets together", settings.ParseDuration)
	}, f.addConnection)
	return cmd
}

func (p *program) wait(ctx context.Context, targets []emitter.Target, limit time.Duration) error {
	if len(targets) == 0 {
		return usage("wait: no consumer; add --to URL")
	}
	e := emitter.Emitter{Targets: targets}
	if err := checkTargets(ctx, &e); err != nil {
		return &statusError{exitUsage, err}
	}
	bound, stop := context.WithTimeout(ctx, limit)
	defer stop()
	start := time.Now()
	for i := range targets {
		t := &targets[i]
		status, err := awaitAnswer(bound, t.Reach)
		if err != nil {
			return fmt.Errorf("no response from %s within %s: %w", t.Label(), limit, err)
		}
		fmt.Fprintf(p.out, "%s responded after %s: %d %s\n", t.Label(), time.Since(start).Round(time.Millisecond), status, http.StatusText(status))
	}
	return nil
}

// How often wait asks: after short pauses first, later once a second.
const (
	shortestPause = 20 * time.Millisecond
	longestPause  = time.Second
	mostOfAnswer  = 5 * time.Second // for one answer
)

// awaitAnswer asks a target until there is an answer that counts, or ctx ends; then the error says
// why the last request does not count.
func awaitAnswer(ctx context.Context, ask func(context.Context, time.Duration) (int, emitter.Failure, error)) (status int, err error) {
	last := errors.New("no time for a request")
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		status, failure, err := ask(ctx, mostOfAnswer)
		switch {
		case err != nil:
			return 0, err
		case failure.Class == emitter.ClassAddress: // time does not change it
			return 0, fmt.Errorf("%s; use --allow-target", failure)
		case failure.Class == emitter.ClassTLS, failure.Class != "" && ctx.Err() == nil: // the former does not come from the end of the time
			last = errors.New(failure.String())
			if failure.Class == emitter.ClassTLS && strings.Contains(failure.Text, "certificate") {
				last = fmt.Errorf("%w; %s", last, flagged(show.Distrusted))
			}
		case failure.Class != "":
		case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
			last = fmt.Errorf("the last response was %d %s", status, http.StatusText(status))
		default:
			return status, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return 0, last
		}
	}
}
