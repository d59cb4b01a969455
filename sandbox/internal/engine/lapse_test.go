package engine

import (
	"testing"

	"github.com/ringback/ringback/scenario/assume"
)

// A channel that was rejected ends by itself, after a restart, too, and its agent is busy until then.
func TestARejectedChannelEndsByItself(t *testing.T) {
	for _, restart := range []bool{false, true} {
		var set assume.Set
		if err := set.Change("unexpected-time", "200ms"); err != nil {
			t.Fatal(err)
		}
		h := open(t, Options{Assume: set})
		c := consume(t, secret("a"))
		h.subscribe("s", c.url, secret("a"), "*")
		call, err := h.engine.Begin(t.Context(), Opening{Medium: "call"})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []Step{{Step: "ring", Agent: "alice"}, {Step: "reject"}, {Step: "hangup"}} {
			if call, err = h.engine.Do(t.Context(), call.ID, s); err != nil {
				t.Fatal(err)
			}
		}
		if phase := call.Channels[1].Phase; phase != "unexpected" || !h.engine.Agents()[0].Busy {
			t.Errorf("behind the reject the channel is %s; want unexpected, and its agent busy", phase)
		}
		if restart {
			h.until("what happened is delivered", func() bool { return h.settled("s", 6) || h.settled("s", 7) })
			h.close()
			h.open()
		}
		h.until("it ends", func() bool { return !h.engine.Agents()[0].Busy })
		h.until("all is delivered", func() bool { return h.settled("s", 7) })
		c.judge(t, 7)
	}
}
