package scenario

// least is the shortest time, in milliseconds, that steps take when all of them happen,
// cut at most+1.
func least(steps []Step, most int64) int64 {
	total := int64(0)
	for i := range steps {
		s := &steps[i]
		n := s.Time.Min().Milliseconds() + s.Talk.Min().Milliseconds() + least(s.Steps, most)
		for _, b := range s.Branches {
			n = max(n, least(b.Steps, most))
		}
		if s.Word == "repeat" && n > most/int64(max(1, s.Times.Max)) {
			return most + 1
		}
		if s.Word == "repeat" {
			n *= int64(s.Times.Max)
		}
		if total += n; total > most {
			return most + 1
		}
	}
	return total
}

// cost is the number of operations on the longest path through steps, cut at most+1.
func cost(steps []Step, most int) int {
	total := 0
	for i := range steps {
		s := &steps[i]
		n := 8 // no word makes more by itself, chance included
		switch {
		case len(s.Branches) > 0:
			for _, b := range s.Branches {
				n = max(n, cost(b.Steps, most)+2)
			}
		case s.Word == "repeat":
			if n = cost(s.Steps, most); n > most/max(1, s.Times.Max) {
				return most + 1
			}
			n = n*s.Times.Max + 2
		default:
			n += cost(s.Steps, most)
		}
		if total += n; total > most {
			return most + 1
		}
	}
	return total
}
