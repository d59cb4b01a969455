package examine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/show"
)

// arrives is how long a consumer that is being started may take until it can be connected to.
const arrives = 2 * time.Second

// reach finds out whether anybody is there, before anything is sent.
func (r *run) reach(ctx context.Context) error {
	for begun := time.Now(); ; {
		bound, cancel := context.WithDeadline(ctx, r.end)
		failure := r.transport.Reach(bound)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case failure.Class == "":
			return nil
		case !time.Now().Before(r.end):
			return &Preflight{Text: fmt.Sprintf("the budget of %s was over before the consumer could be reached", r.budget())}
		case failure.Class != emitter.ClassRefused || time.Since(begun) > arrives:
			return &Preflight{Text: "the consumer cannot be reached: " + because(failure)}
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// because is a failure, and what may be the reason.
func because(f emitter.Failure) string {
	hint := map[emitter.Class]string{
		emitter.ClassRefused: "is it running, and on this port?", emitter.ClassUnreachable: "is the address right, and the network up?",
		emitter.ClassDNS: "is the host name right?", emitter.ClassTimeout: "is the address right, and does it speak what the URL says?",
		emitter.ClassAddress: "allow it, if it is the right one", emitter.ClassAnswer: "is this an HTTP server?",
		emitter.ClassReset: "does it crash, or speak something else than HTTP?",
	}[f.Class]
	if f.Class == emitter.ClassTLS && strings.Contains(f.Text, "certificate") {
		hint = show.Distrusted
	}
	if hint == "" {
		return f.Text
	}
	return f.Text + "; " + hint
}
