package scenario

// clone is a copy that shares nothing that changes.
func (f *Floor) clone() *Floor {
	g := *f
	g.channels = append([]Channel(nil), f.channels...)
	g.interactions = append([]interaction(nil), f.interactions...)
	g.blocks = append([]block(nil), f.blocks...)
	g.parties = append([]partyState(nil), f.parties...)
	return &g
}

// key tells apart situations in which a story can go on differently.
func (f *Floor) key() string {
	index := map[int]byte{}
	var b []byte
	for i, x := range f.interactions {
		index[x.ordinal] = byte(i + 1)
		b = append(append(b, x.medium...), oneIf(x.answered), oneIf(x.since != nil))
	}
	for _, c := range f.channels {
		b = append(b, index[c.Interaction], byte(c.Party), byte(c.Party>>8), byte(c.Role), byte(c.Phase))
	}
	for _, x := range f.blocks {
		b = append(b, 'b', byte(x.code), index[x.interaction])
	}
	for _, x := range f.parties {
		b = append(b, byte(x.presence), oneIf(x.lastChannel > 0))
	}
	return string(append(b, oneIf(f.conversations > 0)))
}

func oneIf(on bool) byte {
	if on {
		return 1
	}
	return 0
}
