package plan

import "strconv"

// texts writes the display IDs of agents who are numbered one after the other, many in one
// string: a string of its own for each would be the only thing that a walk allocates. It
// remembers as many as the living conversations need, and at most twice that.
type texts struct {
	now, before map[uint64]string // by their first number
	most        int               // strings in each
}

const (
	textsEvery = 64 // numbers in a string
	leastTexts = 32
)

// expect makes room for so many agents at once.
func (t *texts) expect(agents uint64) {
	t.most = max(t.most, leastTexts+int(agents/textsEvery))
}

// of is a number as text.
func (t *texts) of(n uint64) string {
	first := n - n%textsEvery
	block, known := t.now[first]
	if !known {
		if block, known = t.before[first]; !known {
			block = numbers(first)
		}
		if t.now == nil || len(t.now) >= max(t.most, leastTexts) {
			t.now, t.before = map[uint64]string{}, t.now
		}
		t.now[first] = block
	}
	if len(block)%textsEvery != 0 { // some have a digit more
		return strconv.FormatUint(n, 10)
	}
	width := uint64(len(block) / textsEvery)
	return block[(n-first)*width:][:width]
}

// numbers writes some numbers, one after the other.
func numbers(first uint64) string {
	var room [textsEvery * 20]byte
	b := room[:0]
	for k := range uint64(textsEvery) {
		b = strconv.AppendUint(b, first+k, 10)
	}
	return string(b)
}
