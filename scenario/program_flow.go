package scenario

import "fmt"

// lowerChoose lays the ways out one after the other; each jumps behind the last.
func lowerChoose(l *lowering, s *Step) {
	at := l.emit(Op{Code: Choose, Step: s})
	total, sum := 0.0, 0.0
	for _, b := range s.Branches {
		total += b.Weight
	}
	var ways []Way
	var jumps []int
	for i, b := range s.Branches {
		sum += b.Weight
		ways = append(ways, Way{sum / total, len(l.Ops), fmt.Sprintf("goes way %d", i+1)})
		l.steps(b.Steps)
		jumps = append(jumps, l.emit(Op{Code: Jump, Step: s}))
	}
	ways[len(ways)-1].UpTo = 1
	l.Ops[at].Ways = ways
	for _, j := range jumps {
		l.Ops[j].To = len(l.Ops)
	}
}

func lowerRepeat(l *lowering, s *Step) {
	loop := l.Loops
	l.Loops++
	begin := l.emit(Op{Code: LoopBegin, Step: s, Loop: loop})
	l.steps(s.Steps)
	l.emit(Op{Code: LoopEnd, Step: s, Loop: loop, To: begin + 1})
	l.Ops[begin].To = len(l.Ops)
}

// least is the shortest time, in milliseconds, that steps take when all of them happen,
// cut at most+1.
func least(steps []Step, most int64) int64 {
	total := int64(0)
	for i := range steps {
		s := &steps[i]
		n := s.Time.min + s.Talk.min + least(s.Steps, most)
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
