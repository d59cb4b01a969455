package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/watch"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// demoScenario and demoSeed are a call of about two minutes.
const (
	demoScenario = "inbound-call-with-hold"
	demoSeed     = 37
)

func (p *program) demoCommand() *cobra.Command {
	var speed float64
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play one call to a built-in consumer and show both sides",
		Long: `demo plays one call with a hold to a consumer in the same process, over a real socket and
with real signatures. It shows each notification as it is sent (-->) and the consumer's
verdict (<--), then the life of each channel as the consumer understood it.`,
		Example: "  ringback demo",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context(), speed) },
	}
	parsed(cmd.Flags(), &speed, "speed", "20", "`N|max` scenario seconds per real second; max: as fast as the consumer responds", settings.ParseSpeed)
	return cmd
}

func (p *program) demo(ctx context.Context, speed float64) error {
	t, err := p.load([]string{demoScenario}, nil)
	if err != nil {
		return err
	}
	pl, err := p.newPlan(t, plan.Options{Seed: demoSeed}, speed)
	if err != nil {
		return err
	}
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		return err
	}
	d := &demo{program: p, colours: show.ColoursFor(p.out), sent: map[event.ID]plan.Notification{}, names: map[event.GUID]string{}}
	for n := range pl.Notifications() {
		d.sent[n.Event.ID] = n
		d.names[n.Event.Channel.ChannelID] = n.Name
	}
	l := newLocal(secret, nil, receiver.Options{On: d.judged})
	l.handler = d.watch(l.receiver)
	stop, err := l.serve()
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintf(p.out, "One call, %s long, at %s: %s\n\n", pl.Length().Round(time.Second), watch.FormatSpeed(speed), t.Scenarios[0].Story)
	e := emitter.Emitter{Targets: []emitter.Target{l.target(nil)}, Speed: speed, Drain: p.drain}
	p.begin()
	result, err := e.Run(ctx, time.Now(), pl.Notifications())
	l.finish()
	fmt.Fprintf(p.out, "\nWhat the consumer knows now, from signed notifications alone:\n\n")
	if err := drawLives(p.out, l.verdict.Lives, d.names); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "\n%d of %s accepted and verified, %s ended, %s\n",
		result.Total().Accepted, counted(len(d.sent), "notification"), counted(len(l.verdict.Lives)-l.verdict.Open, "channel"), counted(len(l.verdict.Violations), "violation"))
	s := report.New(report.Identity{}, &result)
	s.Receiver = l.counts()
	s.Judge(nil)
	if outcome := cmp.Or(failed(ctx, &result, err), conclude(s)); outcome != nil {
		return outcome
	}
	fmt.Fprintf(p.out, "\nNext: %s run inbound-call-with-hold --to http://127.0.0.1:8080/your-endpoint\n", p.name)
	return nil
}

// demo prints the two sides of each delivery: one call at a time, since a call's
// notifications are sent one after the other.
type demo struct {
	*program
	colours show.Colours
	sent    map[event.ID]plan.Notification
	names   map[event.GUID]string
}

// watch prints each request when it is there, before the consumer judges it.
func (d *demo) watch(consumer http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // the connection is gone
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		e, _ := event.Read(body) // a faulty one is the consumer's to judge
		n := d.sent[e.ID]
		fmt.Fprintf(d.out, "%s  %-8s  --> %-23s  %d bytes, signed\n", show.Offset(n.At), n.Name, n.Type(), len(body))
		consumer.ServeHTTP(w, req)
	})
}

func (d *demo) judged(j receiver.Judgement) {
	text := d.colours.Good(fmt.Sprintf("<-- %d %s", j.Status, j.Result))
	if j.Result == receiver.Refused {
		text = d.colours.Bad(fmt.Sprintf("<-- %d %s: %s", j.Status, j.Result, j.Reason))
	}
	fmt.Fprintf(d.out, "%22s%s\n", "", text)
}
