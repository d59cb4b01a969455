package expect

import (
	"context"
	"time"
)

// How often the consumer is asked: at once, and then with pauses that double.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

// Poll asks until the answer is right, which is an empty text, or until a time has passed;
// then it asks once more. It returns the last answer: what is still wrong. When ctx ends,
// so does Poll.
func Poll(ctx context.Context, within time.Duration, ask func(context.Context) string) string {
	over := time.NewTimer(within)
	defer over.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for wait := firstPause; ; wait = min(2*wait, longestPause) {
		wrong := ask(ctx)
		if wrong == "" {
			return ""
		}
		pause.Reset(wait)
		select {
		case <-pause.C:
		case <-over.C:
			return ask(ctx)
		case <-ctx.Done():
			return wrong
		}
	}
}
