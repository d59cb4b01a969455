package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/watch"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// chooseTargets points the emitter at the targets that flags name, or else at the built-in receiver,
// and checks them without sending anything. Partial says that notifications may be missing in
// what is sent, as in a recording.
func (r *playing) chooseTargets(ctx context.Context, types []string, set assume.Set, partial bool) error {
	s := &r.senders
	if len(s.Targets) == 0 {
		r.local = newLocal(s.Secret, s.Next, receiver.Options{SignaturePrefix: settings.SignaturePrefix(set), Partial: partial})
		s.Targets = []emitter.Target{r.local.target(types)}
	}
	r.emitter.Targets, r.emitter.Drain = s.Targets, r.drain
	r.boundConnections()
	settings.ApplySending(&r.emitter, set)
	return inFlags(checkTargets(ctx, &r.emitter), r.lookAtReceiver(ctx))
}

// boundConnections keeps the connections to all targets together within the limit of open files. The
// other ends of those to the built-in receiver are files of this process, too.
func (r *playing) boundConnections() {
	most := policy.ConnectionsWithin(policy.OpenFiles())
	if r.local != nil {
		most = max(1, most/2)
	}
	r.emitter.Sockets = &emitter.Sockets{Most: most}
}

// noteConnections warns of a limit of open files that may be too low.
func (r *playing) noteConnections() {
	most, wanted := r.emitter.Sockets.Most, 0
	for i := range r.emitter.Targets {
		wanted += cmp.Or(r.emitter.Targets[i].Connections, r.emitter.Connections)
	}
	if wanted > most {
		fmt.Fprintf(r.err, "warning: the limit of open files (%d) leaves room for %s at once, and %s may want %s; raise it (ulimit -n), or lower --connections\n",
			policy.OpenFiles(), counted(most, "connection"), counted(len(r.emitter.Targets), "target"), counted(wanted, "connection"))
	}
}

// checkTargets checks the targets without sending anything.
func checkTargets(ctx context.Context, e *emitter.Emitter) error {
	if err := e.Check(); err != nil {
		return err
	}
	var errs []error
	for i := range e.Targets {
		errs = append(errs, e.Targets[i].Look(ctx))
	}
	return errors.Join(errs...)
}

// shardInName is what file names may hold in the place of the shard's number.
const shardInName = "{shard}"

// nameShard puts the number of a shard into the name of a file.
func nameShard(flag, path string, s plan.Shard) (string, error) {
	if s.Of == 0 && strings.Contains(path, shardInName) {
		return "", usage("%s: %s needs --shard", flag, shardInName)
	}
	return strings.ReplaceAll(path, shardInName, strconv.FormatUint(s.Index, 10)), nil
}

// nameShards does so for all files that a run writes.
func (f *runFlags) nameShards(s plan.Shard) error {
	if s.Of == 0 && f.plan.Shard != "" { // which is wrong
		return nil
	}
	var err error
	f.result.log, err = nameShard("--log", f.result.log, s)
	errs := []error{err}
	for i := range f.report.files {
		f.report.files[i], err = nameShard("--report", f.report.files[i], s)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// settleShard decides which part of the plan is played, from when on, and into which files.
func (r *playing) settleShard(f *runFlags, s *playSettings) error {
	named := f.nameShards(s.Shard)
	r.shard, r.log = s.Shard, f.result.log
	for i := range r.reporting.places {
		p := &r.reporting.places[i]
		p.Path = strings.ReplaceAll(p.Path, shardInName, strconv.FormatUint(s.Shard.Index, 10))
	}
	err := r.settleAt(f.at, s)
	if err == nil { // else the common start may be what is wrong
		err = f.plan.CheckShard(&s.Options)
	}
	return errors.Join(named, err)
}

// announce prints on standard error what is needed to repeat the run.
func (r *playing) announce() {
	if r.output == "quiet" {
		return // until something goes wrong
	}
	fmt.Fprintln(r.err, r.headline())
	if r.part != nil {
		if end, over := r.part.Until(); over {
			fmt.Fprintf(r.err, "%s after the start: %s\n", end.Round(time.Millisecond), endings[r.part.AtEnd()])
		}
	}
	r.noteSecrets(r.senders.Development, r.senders.Warnings)
	r.noteConnections()
}

// headline is what makes another run the same one.
func (r *playing) headline() string {
	return fmt.Sprintf("%s, %s%s%s", headline(r.plan), watch.FormatSpeed(r.emitter.Speed), shardNote(r.shard), show.With(r.reporting.params))
}

// describe prints what a dry run would send.
func (r *playing) describe() error {
	if err := r.tryOut(); err != nil {
		return err
	}
	count, dropped, length := uint64(0), uint64(0), time.Duration(0)
	var tooMuch error
	var about time.Duration
	if r.part != nil {
		about = r.part.About()
	}
	told := r.walking(about, r.output == "quiet")
	all, _ := r.walk(context.Background(), func(err error) { tooMuch = err })
	for n := range told.through(all) {
		for _, t := range r.emitter.Targets {
			switch {
			case !wanted(t.Types, &n):
			case n.Fault == fault.Drop:
				dropped++
			default:
				count++
				length = n.Due
			}
		}
	}
	if tooMuch != nil {
		return &statusError{exitFailed, tooMuch}
	}
	over, not := "", ""
	if count > 0 {
		over = " over " + length.Round(time.Millisecond).String()
	}
	if dropped > 0 {
		not = fmt.Sprintf("; %s would be dropped on purpose", show.Counted(dropped, "notification"))
	}
	_, err := fmt.Fprintf(r.out, "would send %s of %s%s to %s%s\n", show.Counted(count, "notification"),
		show.Counted(r.plan.Conversations(), "conversation"), over, strings.Join(targetNames(r.emitter.Targets), ", "), not)
	return err
}

// tryOut finds out whether the ports and the log can be had, which a run opens, and leaves everything as it is.
func (r *playing) tryOut() error {
	var errs []error
	for _, err := range flat((&watch.Options{Control: r.watched.control, Metrics: r.watched.metrics, Pprof: r.watched.pprof}).Try()) {
		errs = append(errs, inPorts(err))
	}
	if r.log != "" {
		if err := (report.Place{Path: r.log, Append: true}).Check(); err != nil {
			errs = append(errs, usage("--log: %w", err))
		}
	}
	return errors.Join(errs...)
}

// shardNote says after other figures which shard it is, if it is one.
func shardNote(s plan.Shard) string {
	if s.Of == 0 {
		return ""
	}
	return ", shard " + report.Shard(s).String()
}

// noteSecrets says what a user should know of the secrets in use.
func (p *program) noteSecrets(development bool, warnings []error) {
	if development {
		fmt.Fprintln(p.err, developmentNote())
	}
	for _, err := range flat(inFlags(warnings...)) {
		fmt.Fprintln(p.err, "warning: "+p.named(err.Error()))
	}
}

// anyAssumption says that stories are planned and sent.
func anyAssumption(assume.Name) bool { return true }

// noteIdle says which assumptions that a flag chose change nothing in this command. A variable is for
// all commands of a shell, so it is not held against one of them.
func (p *program) noteIdle(set assume.Set, counts func(assume.Name) bool) {
	if p.variables["assume"] == "" {
		p.noteIdleIn("--assume", set, counts)
	}
}

func (p *program) noteIdleIn(where string, set assume.Set, counts func(assume.Name) bool) {
	for _, text := range settings.Idle(set, counts) {
		fmt.Fprintf(p.err, "warning: %s: %s\n", where, text)
	}
}

// noteIdleOf does so for what flags and files choose.
func (p *program) noteIdleOf(set assume.Set, t *settings.Traffic) {
	p.noteIdle(set, anyAssumption)
	if t.Workload != nil {
		p.noteIdleIn(t.Workload.Name+": assume", t.Workload.Assume, anyAssumption)
	}
	for _, sc := range t.Scenarios {
		p.noteIdleIn(sc.Name+": assume", sc.Assume, anyAssumption)
	}
}

// mostAdvice is how much advice a command gives that only plays the files; validate gives all.
const mostAdvice = 3

// noteAdvice says what files may not do as their authors expect. Whoever chooses what an agent's phone or a
// failed offer does knows.
func (p *program) noteAdvice(set assume.Set, t *settings.Traffic) {
	for _, name := range []assume.Name{assume.AgentLeg, assume.UnexpectedTime} {
		if _, chosen := set.Chosen(name); chosen {
			return
		}
	}
	var all scenario.Problems
	for _, sc := range t.Scenarios {
		for _, advice := range (scenario.Document{Scenario: sc}).Advice() {
			if !slices.Contains(all, advice) { // a scenario may stand in a mix twice
				all = append(all, advice)
			}
		}
	}
	for i, advice := range all {
		if i == mostAdvice {
			fmt.Fprintf(p.err, "and %d more: see ringback validate\n", len(all)-i)
			return
		}
		fmt.Fprintln(p.err, "note: "+advice.Detail())
	}
}

// developmentNote says that a secret that everybody knows is in use.
func developmentNote() string {
	return "signing with the public development secret " + signature.DevelopmentSecret + "; set yours with --secret"
}
