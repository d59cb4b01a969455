package main

// nullAgentID knows that agentId may be absent, and not that it may be null.
func nullAgentID() *consumer {
	c := correct()
	c.about = "crashes on an agentId that is null"
	c.check = func(n *notification) error {
		if ch := n.Data.Channel; ch != nil {
			if id, there := ch.Party["agentId"]; there {
				_ = id.(string)
			}
		}
		return nil
	}
	return c
}
