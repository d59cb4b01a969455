package report

import "slices"

// knownMarks belong to the phases of a channel, in the order of the legend: the busier, the
// darker.
var knownMarks = [...]struct {
	phase string
	mark  rune
}{
	{"alerting", '·'},
	{"connected", '█'},
	{"held", '▒'},
	{"parked", '░'},
	{"interrupted", '▚'},
	{"wrap", '▄'},
	{"unexpected", '×'},
	{"ended", '▏'},
}

// otherMarks are for phases that are not known, as they come.
const otherMarks = "─═≡~+#%@o*abcdefghijklmnopqrstuvwxyz"

var colors = [...]string{"\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[36m", "\x1b[31m", "\x1b[37m"}

const colorOff = "\x1b[0m"

// palette gives each phase that occurs a mark of its own.
type palette struct {
	phases []string
	marks  []rune
}

func newPalette(lanes []Lane) *palette {
	var seen []string
	for _, l := range lanes {
		for _, s := range l.Spans {
			if !slices.Contains(seen, s.Phase) {
				seen = append(seen, s.Phase)
			}
		}
	}
	p := new(palette)
	for _, k := range knownMarks {
		if slices.Contains(seen, k.phase) {
			p.add(k.phase, k.mark)
		}
	}
	spare := []rune(otherMarks)
	for _, phase := range seen {
		if slices.Contains(p.phases, phase) {
			continue
		}
		mark := '?' // there are more phases than marks
		if len(spare) > 0 {
			mark, spare = spare[0], spare[1:]
		}
		p.add(phase, mark)
	}
	return p
}

func (p *palette) add(phase string, mark rune) {
	p.phases, p.marks = append(p.phases, phase), append(p.marks, mark)
}
