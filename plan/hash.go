package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/ringback/ringback/scenario"
)

// planFormat changes whenever equal input gives another plan than before.
const planFormat = "ringback plan 1\n"

func (p *Plan) fingerprint(scs []*scenario.Scenario) string {
	h := sha256.New()
	h.Write([]byte(planFormat))
	o := p.opts
	fmt.Fprintf(h, "seed %d start %d versions %s count %d calls %d/%d lag %s assume %q\n", o.Seed,
		o.Start.UnixNano(), o.Versions, p.count, o.Calls.Times, o.Calls.Per, p.lag, o.Assume)
	p.fingerprintTraffic(h)
	for _, sc := range scs {
		sc.Fingerprint(h)
	}
	for _, r := range o.Faults {
		r.Fingerprint(h)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Hash identifies the plan: equal hashes mean equal notifications, byte for byte.
func (p *Plan) Hash() string { return p.hash }

// fingerprintTraffic writes what decides about the traffic, and nothing if that is as plain as
// a count and a rate of calls. The shard is no part of it: all shards are of one plan.
func (p *Plan) fingerprintTraffic(w io.Writer) {
	o := &p.opts
	if !o.Events.IsZero() || o.Population > 0 {
		fmt.Fprintf(w, "events %d/%d population %d for %d\n", o.Events.Times, o.Events.Per, o.Population, o.For)
	}
	for _, s := range o.Arrivals {
		fmt.Fprintf(w, "arrivals %d/%d %d/%d over %d poisson %t\n", s.From.Times, s.From.Per, s.To.Times, s.To.Per, s.Over, s.Poisson)
	}
	if o.Weights != nil {
		fmt.Fprintf(w, "weights %g\n", o.Weights)
	}
	if o.Pool != nil {
		fmt.Fprintf(w, "pool %d patience ", o.Pool.Count)
		if o.Pool.Patience != nil {
			fmt.Fprintf(w, "%v", *o.Pool.Patience)
		}
		for _, u := range o.Pool.Agents {
			fmt.Fprintf(w, " %q %s", u.AgentID, u.UserID)
		}
		fmt.Fprintln(w)
	}
	for _, id := range o.ConversationIDs {
		fmt.Fprintf(w, "conversation %s\n", id)
	}
}
