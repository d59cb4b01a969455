package figures

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// ErrBusy means that too many wait for figures already.
var ErrBusy = fmt.Errorf("%d requests wait for the figures or the report of a run already, the maximum; try again later", mostWaiting)

// Bounds of what is kept of figures that were computed, and of who waits for them.
const (
	mostWaiting = 50

	mostKept = 16
	keptFor  = time.Second // at least
	share    = 20          // the time that figures take to compute is at most one part in so many
)

// Reader computes figures, one run at a time, and keeps them for a moment: whoever watches a run asks for them again and again.
// Store and Text must be given.
type Reader struct {
	Store   *store.Store
	Version string                                                  // of the program, for reports
	Text    func(ctx context.Context, run *store.Run) (Text, error) // reads the text of a run

	once    sync.Once
	place   chan struct{} // holds who computes
	waiting atomic.Int64  // for that

	mu    sync.Mutex
	kept  map[string]*kept
	texts map[string]Text // of runs; they never change
}

// kept is the figures of a run as they were.
type kept struct {
	state store.RunState
	until time.Time
	*Figures
}

// Figures returns those of a run, at most as old as keptFor, or older where computing them takes long.
func (r *Reader) Figures(ctx context.Context, run store.Run) (*Figures, error) {
	if f := r.known(&run); f != nil {
		return f, nil
	}
	text, err := r.text(ctx, &run)
	if err != nil {
		return nil, err
	}
	leave, err := r.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if f := r.known(&run); f != nil { // somebody else has waited for the same
		return f, nil
	}
	began := time.Now()
	t, err := count(ctx, r.Store, run, nil)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	f := t.figures(t.summary(r.Version, text, now), text, now)
	r.keep(&run, f, now.Add(max(keptFor, share*now.Sub(began))))
	return f, nil
}

// Report returns the report of a run, with the details that a page shows.
func (r *Reader) Report(ctx context.Context, run store.Run) (*report.Summary, *report.Details, error) {
	text, err := r.text(ctx, &run)
	if err != nil {
		return nil, nil, err
	}
	leave, err := r.enter(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	details := report.NewDetails([]string{run.Name})
	t, err := count(ctx, r.Store, run, details)
	if err != nil {
		return nil, nil, err
	}
	s := t.summary(r.Version, text, time.Now())
	s.Series = t.course.series()
	return s, details, nil
}

// enter waits until nobody else computes.
func (r *Reader) enter(ctx context.Context) (leave func(), err error) {
	defer r.waiting.Add(-1)
	if r.waiting.Add(1) > mostWaiting {
		return nil, ErrBusy
	}
	r.once.Do(func() { r.place = make(chan struct{}, 1) })
	select {
	case r.place <- struct{}{}:
		return func() { <-r.place }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// known are the figures of a run that are new enough.
func (r *Reader) known(run *store.Run) *Figures {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.kept[run.ID]
	if k == nil || k.state != run.State || !time.Now().Before(k.until) {
		return nil
	}
	return k.Figures
}

// keep keeps figures, in place of the oldest if there are many.
func (r *Reader) keep(run *store.Run, f *Figures, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = map[string]*kept{}
	}
	delete(r.kept, run.ID)
	for len(r.kept) >= mostKept {
		oldest := ""
		for id, k := range r.kept {
			if oldest == "" || cmp.Or(k.until.Compare(r.kept[oldest].until), cmp.Compare(id, oldest)) < 0 {
				oldest = id
			}
		}
		delete(r.kept, oldest)
	}
	r.kept[run.ID] = &kept{run.State, until, f}
}

// text is what the text of a run says, read once.
func (r *Reader) text(ctx context.Context, run *store.Run) (Text, error) {
	r.mu.Lock()
	text, known := r.texts[run.ID]
	r.mu.Unlock()
	if known {
		return text, nil
	}
	text, err := r.Text(ctx, run)
	if err != nil || text.Problem != "" { // which may be solved, as by a scenario that is stored again
		return text, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.texts == nil || len(r.texts) >= mostKept {
		r.texts = map[string]Text{}
	}
	r.texts[run.ID] = text
	return text, nil
}
