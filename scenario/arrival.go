package scenario

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// Arrival is one part of a workload's arrivals, as it is written.
type Arrival struct {
	Pos      Pos
	From, To Rate          // a ramp; a constant rate is one between equal rates
	Over     time.Duration // of all but steps; 0 means the whole curve of a file
	Poisson  bool

	Steps []Rate        // one rate after the other
	Each  time.Duration // how long each of them lasts

	Low, High   Rate // a wave between them
	Every, Peak time.Duration

	CSV FileRef // a curve of rates
}

// Bounds of traffic.
const (
	MaxConversations = 10_000_000_000 // at a rate: a year at 300 a second; identifiers stay apart
	MaxAtOnce        = 2_000_000      // conversations alive at the same time, each of which takes memory; how many there is memory for, the plan knows

	MaxPool      = 100_000 // agents in a pool
	MaxIDs       = 1_000_000
	maxParts     = 1_000   // scenarios of a mix
	maxArrivals  = 1_000   // entries of the arrivals
	maxRates     = 10_000  // steps of one entry
	maxStretches = 100_000 // of the arrivals
	maxMixed     = 200_000 // operations of all scenarios of a mix, which take 300 bytes each
)

var arrivalFields = []field[Arrival]{
	{"rate", shapeRate, false, "a constant rate such as 4/s", func(a *Arrival) any { return &a.From }},
	{"from", shapeRate, false, "the rate at the beginning of a ramp", func(a *Arrival) any { return &a.From }},
	{"to", shapeRate, false, "the rate at its end", func(a *Arrival) any { return &a.To }},
	{"steps", shapeRates, false, "rates, one after the other", func(a *Arrival) any { return &a.Steps }},
	{"each", shapeTime, false, "how long each step lasts", func(a *Arrival) any { return &a.Each }},
	{"low", shapeRate, false, "the lowest rate of a wave", func(a *Arrival) any { return &a.Low }},
	{"high", shapeRate, false, "the highest rate of a wave", func(a *Arrival) any { return &a.High }},
	{"every", shapeTime, false, "the time from one peak of a wave to the next", func(a *Arrival) any { return &a.Every }},
	{"peak", shapeTime, false, "when the first peak of a wave is; without, half of every", func(a *Arrival) any { return &a.Peak }},
	{"csv", shapeFile, false, "a CSV file with lines such as 08:30,4/s, between which the rate changes evenly", func(a *Arrival) any { return &a.CSV }},
	{"over", shapeTime, false, "how long the stretch lasts", func(a *Arrival) any { return &a.Over }},
	{"poisson", shapeBool, false, "true: random arrivals with that rate on average", func(a *Arrival) any { return &a.Poisson }},
}

// arrivalWay is one way to say how often conversations begin.
type arrivalWay struct {
	name    string
	needs   []string // the first ones, up to own, belong to this way alone
	own     int
	may     []string // what may stand beside, of this way alone
	example string
}

func arrivalWays() []arrivalWay {
	return []arrivalWay{
		{"rate", []string{"rate", "over"}, 1, nil, "{rate: 4/s, over: 50m}"},
		{"from", []string{"from", "to", "over"}, 2, nil, "{from: 0/s, to: 4/s, over: 10m}"},
		{"steps", []string{"steps", "each"}, 2, nil, "{steps: [1/s, 2/s, 4/s], each: 5m}"},
		{"low", []string{"low", "high", "every", "over"}, 3, []string{"peak"}, "{low: 1/s, high: 6/s, every: 24h, over: 8h}"},
		{"csv", []string{"csv"}, 1, nil, "{csv: rates.csv}"},
	}
}

// arrival reads one entry of arrivals.
func (p *parser) arrival(what string, n *source.Node) Arrival {
	a := Arrival{Pos: source.Of(n)}
	parseFields(p, what, n, &a, arrivalFields)
	if way := p.arrivalWay(n); way != nil {
		p.arrivalTimes(n, way, &a)
	}
	if p.hasKey(n, "rate") {
		a.To = a.From
	}
	if !p.hasKey(n, "peak") {
		a.Peak = a.Every / 2
	}
	return a
}

// arrivalWay finds out which way an entry goes, and whether it has what that needs. It is
// nil if that has been refused.
func (p *parser) arrivalWay(n *source.Node) *arrivalWay {
	if !source.IsMapping(n) {
		return nil
	}
	var found []*arrivalWay
	var names []string // the words that tell so
	for _, way := range arrivalWays() {
		keys := append(way.needs[:way.own:way.own], way.may...)
		if at := slices.IndexFunc(keys, func(key string) bool { return p.hasKey(n, key) }); at >= 0 {
			found, names = append(found, &way), append(names, strconv.Quote(keys[at]))
		}
	}
	for i := 0; i < len(n.Content); i += 2 {
		if findField(arrivalFields, n.Content[i].Value) == nil {
			return nil // said once is enough
		}
	}
	if len(found) != 1 {
		examples := nearest.Names(arrivalWays(), func(w arrivalWay) string { return w.example })
		if len(found) == 0 {
			p.Errorf(source.Of(n), "arrivals: want how often conversations begin").Hint = "for example " + strings.Join(examples, ", ")
		} else {
			p.Errorf(source.Of(n), "arrivals: %s stand beside one another; want one way to say how often", strings.Join(names, " and ")).
				Hint = "make two entries of them, which follow one another"
		}
		return nil
	}
	way, complete := found[0], true
	for _, key := range way.needs {
		if !p.hasKey(n, key) {
			p.Errorf(source.Of(n), "arrivals needs %q: %s", key, findField(arrivalFields, key).doc).Hint = "for example " + way.example
			complete = false
		}
	}
	if way.name == "steps" && p.hasKey(n, "over") {
		p.Errorf(source.Of(n), "arrivals: steps have no \"over\"; \"each\" says how long one lasts")
		complete = false
	}
	if !complete {
		return nil
	}
	return way
}

// arrivalTimes refuses times and rates that make no sense together.
func (p *parser) arrivalTimes(n *source.Node, way *arrivalWay, a *Arrival) {
	for _, key := range []string{"each", "every", "over"} {
		value := valueOf(n, key)
		if value == nil {
			continue
		}
		if d, err := story.ParseTime(value.Value); err == nil && d == 0 {
			p.Errorf(source.Of(value), "%s: want a time above 0, got %q", key, value.Value)
		}
	}
	if way.name != "low" {
		return
	}
	switch {
	case compareRates(a.High, a.Low) < 0:
		p.Errorf(a.Pos, "arrivals: high is below low")
	case a.Peak > a.Every:
		p.Errorf(a.Pos, "arrivals: the first peak is later than one wave lasts").Hint = "give the first one; the others follow by themselves"
	}
}

// compareRates is negative if a is less often than b, and 0 if both are as often.
func compareRates(a, b Rate) int {
	if a.IsZero() || b.IsZero() {
		return int(min(a.Times, 1)) - int(min(b.Times, 1))
	}
	ah, al := bits.Mul64(a.Times, uint64(b.Per))
	bh, bl := bits.Mul64(b.Times, uint64(a.Per))
	return cmp.Or(cmp.Compare(ah, bh), cmp.Compare(al, bl))
}
