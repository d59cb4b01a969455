package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// What a run does may be what ends the program: it takes all memory, say. The same run would do so again at every
// start, so it is paused at the third one; see docs/decisions/0056.
const (
	mostDeaths = 2               // of the program while a run was going, one soon after the other
	wellAfter  = 5 * time.Minute // a run that has gone on for so long did not end the program
)

// resumeRuns continues the unfinished runs of the store. That work begins is in the store before it does.
func (e *Engine) resumeRuns(ctx context.Context) error {
	runs, err := e.store.Runs(ctx, true)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.Reason == "" { // a paused run is planned, too, as far as it is
			if run.Begun++; run.Begun > mostDeaths {
				suspend(&run, time.Now())
			}
			if err := e.store.SaveRun(ctx, run); err != nil && !inTrouble(err) { // a disk that is full lets runs wait, and ends nothing
				return err
			}
		}
		if run.Reason != "" {
			e.suspended = append(e.suspended, run)
		}
		g, err := e.enter(run, nil, 0)
		if err != nil {
			return err
		}
		go g.play()
	}
	return nil
}

// suspend pauses a run at a start, with the reason.
func suspend(r *store.Run, now time.Time) {
	rebase(r, now)
	r.State, r.Begun = store.RunPaused, 0
	r.Reason = fmt.Sprintf("the sandbox was killed or died %d times while this run was going, each time within %.0f minutes; resume the run, or stop it", mostDeaths, wellAfter.Minutes())
}

// Suspended lists the runs that were paused at Open, each with its reason: the program ended twice while they were going.
func (e *Engine) Suspended() []store.Run { return e.suspended }

// wentWell notes that the run has gone on for so long that it is none that ends the program.
func (g *run) wentWell() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.life.Err() != nil || g.isOver() || g.state.Begun == 0 {
		return
	}
	g.state.Begun = 0
	if err := g.engine.store.SaveRun(g.life, g.state); err != nil && g.life.Err() == nil {
		g.engine.logError("a run cannot be kept", err)
	}
}
