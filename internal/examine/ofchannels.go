package examine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// refusesChannels reports whether notifications about channels were answered, and none of them was accepted.
func refusesChannels(all []*trial.Played) bool {
	refused := 0
	for _, p := range all {
		for i := range p.Answers {
			switch a := &p.Answers[i]; {
			case p.Deliveries[i].Channel == "" || a.Attempts == 0:
			case a.Accepted():
				return false
			case a.Status != 0:
				refused++
			}
		}
	}
	return refused > 0
}

// ofChannels says of a consumer that refuses all notifications about channels, and others not, whether it refuses those of now as well.
func (r *run) ofChannels(ctx context.Context, all []*trial.Played) error {
	first := all[slices.IndexFunc(all, func(p *trial.Played) bool { return len(p.Conversations()) > 0 })]
	if past, err := r.refusesThePast(ctx, first); past || err != nil {
		return err
	}
	err := r.found(first, rulebook.AcceptValid, fmt.Sprintf("refuses every notification about a channel (%s), and accepts others", (&answered{answer: &first.Answers[0]}).got()))
	r.basic.mend = "Look into its log for what it misses in one of them: party and channelId are in data.channel."
	return err
}

// refusesThePast finds out whether a consumer that refuses a trial accepts what happens now; that is what is found then.
func (r *run) refusesThePast(ctx context.Context, refused *trial.Played) (bool, error) {
	now := dimension.New(dimension.Options{Seed: r.Seed, Start: time.Now(), Round: r.Round, Profile: r.Profile}.Apart())
	t, err := makeTrial(now, refused.ID)
	if err != nil || len(t.Deliveries) == 0 {
		return false, err
	}
	p, err := r.play(ctx, t.Reduced([]int{0}))
	if err != nil || !p.Answers[0].Accepted() {
		return false, err
	}
	got := (&answered{answer: &refused.Answers[0]}).got()
	err = r.found(refused, rulebook.AcceptValid, fmt.Sprintf("refuses what happened a while ago (%s), and accepts what happens now", got))
	r.basic.mend = "Do not compare data.timestamp with the clock: a notification may come again for 24 hours, and one that is late counts."
	return true, err
}
