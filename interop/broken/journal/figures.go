package main

func (c *Channel) spans() []stay {
	var s []stay
	for _, x := range c.Stays {
		if x.Phase == "connected" {
			s = append(s, x)
		}
	}
	return s
}

const never = int64(1) << 62

func (x stay) end() int64 {
	if x.Open {
		return never
	}
	return x.To
}

func meet(a, b *Channel) int64 {
	first := never
	for _, x := range a.spans() {
		for _, y := range b.spans() {
			at := max(x.From, y.From)
			if x.end() > at && y.end() > at {
				first = min(first, at)
			}
		}
	}
	return first
}

func (c *Channel) left() int64 {
	for _, x := range c.Stays {
		if x.Phase == "wrap" || x.Phase == "ended" {
			return x.From
		}
	}
	return never
}

// Figures are those of a conversation.
type Figures struct {
	Answered, Abandoned bool
	ToAnswer            *float64
	Talk, Hold, Wrap    float64
	Agents, Transfers   int
}

func sum(list []*Channel, phase string) float64 {
	t := 0.0
	for _, c := range list {
		t += seconds(c, nil)[phase]
	}
	return t
}

func figures(all []*Channel) Figures {
	var f Figures
	var agents, customers, boxes, took []*Channel
	begin := never
	for _, c := range all {
		if len(c.Stays) > 0 {
			begin = min(begin, c.Stays[0].From)
		}
		role := c.Role
		if is("monitor-takes-part") && role == "monitor" {
			role = "agent"
		}
		if is("voicemail-is-agent") && role == "voicemail" {
			role = "agent"
		}
		switch role {
		case "agent":
			agents = append(agents, c)
			if len(c.spans()) > 0 {
				took = append(took, c)
			}
		case "external":
			customers = append(customers, c)
		case "voicemail":
			boxes = append(boxes, c)
		}
	}
	answered := never
	for _, a := range agents {
		for _, c := range append(append([]*Channel(nil), customers...), agents...) {
			if c != a {
				answered = min(answered, meet(a, c))
			}
		}
	}
	recorded, reached, over := false, false, true
	for _, c := range customers {
		for _, b := range boxes {
			recorded = recorded || meet(c, b) < never
		}
		reached = reached || len(c.spans()) > 0
		over = over && c.phase() == "ended"
	}
	if is("voicemail-is-abandoned") {
		recorded = false
	}
	f.Answered = answered < never
	f.Abandoned = !f.Answered && !recorded && reached && over
	if f.Answered {
		s := float64(answered-begin) / 1e7
		if is("answer-from-alert") {
			for _, a := range agents {
				if len(a.spans()) > 0 {
					s = float64(answered-a.Stays[0].From) / 1e7 // from the ringing of the agent
					break
				}
			}
		}
		f.ToAnswer = &s
	}
	f.Talk, f.Hold, f.Wrap = sum(agents, "connected"), sum(customers, "held"), sum(agents, "wrap")
	if is("talk-includes-wrap") {
		f.Talk += f.Wrap
	}
	f.Agents, f.Transfers = transfers(took)
	if is("transfers-are-agents-less-one") {
		f.Transfers = max(0, f.Agents-1)
	}
	return f
}

// transfers counts the agents of channels that were connected, and how often one took over from those before.
func transfers(took []*Channel) (agents, n int) {
	ids := map[string]bool{}
	for _, c := range took {
		ids[c.Agent] = true
		before := 0
		gone := true
		for _, o := range took {
			if o.Interaction == c.Interaction && o.spans()[0].From < c.spans()[0].From {
				before++
				gone = gone && o.left() < c.left()
			}
		}
		if before > 0 && gone {
			n++
		}
	}
	return len(ids), n
}
