package scenario

// least is the shortest time, in milliseconds, that steps take when all of them happen,
// cut at most+1.
func least(steps []Step, most int64) int64 {
	return sum(steps, most, 0, func(s *Step) int64 { return s.Time.Min().Milliseconds() + s.Talk.Min().Milliseconds() })
}

// cost is the number of operations on the longest path through steps, cut at most+1.
func cost(steps []Step, most int64) int64 {
	return sum(steps, most, 2, func(*Step) int64 { return 8 }) // no word makes more by itself, chance included
}

// sum adds up what the steps on the longest path take, cut at most+1: own by itself, and
// around more for a repeat step and each way of a choose.
func sum(steps []Step, most, around int64, own func(*Step) int64) (total int64) {
	for i := range steps {
		s := &steps[i]
		inside := sum(s.Steps, most, around, own)
		n := own(s) + inside
		if s.Word == "repeat" {
			if inside > most/int64(max(1, s.Times.Max)) {
				return most + 1
			}
			n = inside*int64(s.Times.Max) + around
		}
		for _, b := range s.Branches {
			n = max(n, sum(b.Steps, most, around, own)+around)
		}
		if total += n; total > most {
			return most + 1
		}
	}
	return total
}
