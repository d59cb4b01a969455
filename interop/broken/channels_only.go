package main

// channelsOnly looks for the channel of every notification; presences have none.
func channelsOnly() *consumer {
	c := correct()
	c.about = "crashes on notifications about no channel"
	c.check = func(n *notification) error {
		_ = n.Data.Channel.ChannelID
		return nil
	}
	return c
}
