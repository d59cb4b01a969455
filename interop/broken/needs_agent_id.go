package main

// needsAgentID panics where a party has no agentId, and so cuts the connection.
func needsAgentID() *consumer {
	c := correct()
	c.about = "crashes without agentId"
	c.check = func(n *notification) error {
		if ch := n.Data.Channel; ch != nil {
			if _, there := ch.Party["agentId"]; !there {
				panic("no agentId")
			}
		}
		return nil
	}
	return c
}
