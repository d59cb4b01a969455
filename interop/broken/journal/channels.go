package main

// Channel is what is known of a channel.
type Channel struct {
	ID, Interaction, Role, Agent string
	Stays                        []stay
	Notifications                int
	timers                       map[string]float64
	lastArrived                  string
}

// channels works the channels out from the events of a conversation, in the order of arrival.
func channels(events []*Notification, presences []*Notification) []*Channel {
	by := map[string][]*Notification{}
	var ids []string
	for _, n := range events {
		if n.Kind == "" || n.Channel == "" {
			continue
		}
		if by[n.Channel] == nil {
			ids = append(ids, n.Channel)
		}
		by[n.Channel] = append(by[n.Channel], n)
	}
	var out []*Channel
	for _, id := range ids {
		if c := channel(id, by[id], presences); c != nil {
			out = append(out, c)
		}
	}
	return out
}

func channel(id string, events []*Notification, presences []*Notification) *Channel {
	var known []*Notification
	for _, n := range events {
		if n.Kind != "?" {
			known = append(known, n)
		}
	}
	if len(known) == 0 {
		return nil
	}
	c := &Channel{ID: known[0].Channel, Interaction: known[0].Interaction, Role: known[0].Role, Agent: known[0].Agent, Notifications: len(events)}
	if is("presence-closes-calls") && c.Agent != "" {
		known = append(known, closing(c.Agent, known, presences)...)
	}
	c.Stays = life(known)
	if is("timers-at-arrival") {
		c.timers = timers(known)
	}
	if is("last-arrival-is-phase") {
		for _, n := range known {
			if p := begins[n.Kind]; p != "-" {
				c.lastArrived = p
			}
		}
	}
	return c
}

// closing makes an end of the call for each agent who left: he cannot be on a call any more.
func closing(agent string, events, presences []*Notification) []*Notification {
	var first int64 = 1 << 62
	for _, n := range events {
		first = min(first, n.At)
	}
	var away *Notification
	for _, p := range presences {
		if p.Agent == agent && p.At >= first && (away == nil || p.At < away.At) {
			away = p
		}
	}
	if away != nil {
		return []*Notification{{Kind: "ended", Version: "v1", At: away.At, Agent: agent}}
	}
	return nil
}

func (c *Channel) phase() string {
	if c.lastArrived != "" {
		return c.lastArrived
	}
	if len(c.Stays) == 0 {
		return ""
	}
	return c.Stays[len(c.Stays)-1].Phase
}
