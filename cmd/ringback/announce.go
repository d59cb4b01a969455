package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
)

// announce says on standard error what is needed to repeat the run.
func (r *playing) announce(development bool) {
	if r.output == "quiet" {
		return // until something goes wrong
	}
	r.sayHowToRepeat()
	if development {
		fmt.Fprintln(r.err, developmentNote())
	}
}

// sayHowToRepeat names what makes another run the same one.
func (r *playing) sayHowToRepeat() {
	fmt.Fprintf(r.err, "seed %d, start %s, plan %.12s, %s%s\n", r.plan.Seed(),
		r.plan.Start().Format("2006-01-02T15:04:05.999Z"), r.plan.Hash(), formatSpeed(r.emitter.Speed), shardNote(r.shard))
}

// describe says what a dry run would send.
func (r *playing) describe() error {
	count := uint64(0)
	for n := range r.plan.Notifications() {
		for _, t := range r.emitter.Targets {
			if wanted(t.Types, &n) {
				count++
			}
		}
	}
	_, err := fmt.Fprintf(r.out, "would send %s of %s over %s to %s\n", show.Counted(count, "notification"),
		show.Counted(r.plan.Conversations(), "conversation"), r.plan.Length().Round(time.Millisecond), strings.Join(targetNames(r.emitter.Targets), ", "))
	return err
}
