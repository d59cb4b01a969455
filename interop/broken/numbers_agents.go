package main

import "strconv"

// numbersAgents takes agentId for a number.
func numbersAgents() *consumer {
	c := correct()
	c.about = "takes agentId for a number"
	c.agentID = func(n *notification) any {
		text, _ := n.Data.Channel.Party["agentId"].(string)
		if v, err := strconv.Atoi(text); err == nil {
			return strconv.Itoa(v)
		}
		return nil
	}
	return c
}
