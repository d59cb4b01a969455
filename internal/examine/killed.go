package examine

import "github.com/ringback/ringback/internal/examine/trial"

// killed is how often the consumer was killed in a trial, and how many of these kills came while a notification was being answered: its first
// attempt had no answer, or one of what stands in between.
func killed(p *trial.Played) (kills, struck int) {
	for i := range p.Deliveries {
		if p.Deliveries[i].Crash.When == trial.Never || p.Answers[i].Attempts == 0 {
			continue
		}
		kills++
		if first := p.Answers[i].First; p.Deliveries[i].Crash.When == trial.Within && (first == 0 || first >= 500) {
			struck++
		}
	}
	return kills, struck
}
