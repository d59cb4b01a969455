package plan

// births tells one walk when conversations begin, where that is known beforehand.
type births struct {
	plan   *Plan
	cursor cursor
	index  uint64 // of the latest answer, +1
	moment int64
}

// at is when the i-th conversation begins.
func (b *births) at(i uint64) int64 {
	if b.index == i+1 {
		return b.moment
	}
	b.index = i + 1
	switch p := b.plan; {
	case p.arrivals != nil:
		if b.cursor.arrivals == nil {
			b.cursor.arrivals = p.arrivals
		}
		b.moment = b.cursor.moment(i)
	case !p.opts.Calls.IsZero():
		b.moment = int64(p.opts.Calls.Moment(i))
	default:
		b.moment = 0
	}
	return b.moment
}

// beginning is when the i-th conversation begins: planned, or as it came.
func (p *Plan) beginning(i uint64) int64 {
	b := births{plan: p}
	return b.at(i)
}
