package main

// subjectIsInteraction takes subject, the channel, for the interaction.
func subjectIsInteraction() *consumer {
	c := correct()
	c.about = "takes subject for the interaction"
	c.inter = func(n *notification) string { return n.Subject }
	return c
}
