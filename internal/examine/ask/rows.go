package ask

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/nearest"
)

// column is what a column of a query is about.
type column struct {
	name   string       // as the query has it
	member string       // of a channel; "" if it is another one
	phase  string       // of which it has the seconds
	figure trial.Figure // of the conversation
}

// numeric reports whether a text in the column is to be read as a number: databases write decimal
// numbers as texts.
func (c *column) numeric() bool {
	return c.phase != "" || c.figure != "" || c.member == "notifications"
}

// columnNames lists how columns may be called. Case, underscores and points make no difference, since
// many databases change the case of names.
func columnNames() (all []string, meant map[string]column) {
	meant = map[string]column{}
	add := func(name string, c column) {
		all = append(all, name)
		meant[plain(name)] = c
	}
	for _, m := range channelMembers {
		if m != "seconds" {
			add(m, column{member: m})
		}
	}
	for _, p := range phases {
		add(ofPhase+p, column{phase: p})
	}
	for _, f := range figures {
		add(string(f), column{figure: f})
	}
	return all, meant
}

func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", ".", "", " ", "", "-", "").Replace(name))
}

// FromRows reads a state from the rows of a query: one for each channel, with columns that are named
// as the members are, and seconds_held or the like for durations. Figures of the conversation are
// columns that are the same in each row. A value is a string, a float64, a bool or nil. No row means
// that the conversation is not known. If there are durations of some phases only, those of the others are
// NaN: they are not told.
func FromRows(columns []string, rows [][]any) (*trial.State, error) {
	var r reading
	all, err := r.columns(columns)
	if err != nil {
		return nil, &Problem{Text: err.Error(), Lasting: true}
	}
	for i, row := range rows {
		if err := r.row(all, row); err != nil {
			return nil, lasting("row %d: %v", i+1, err)
		}
	}
	return r.told(), nil
}

// columns finds out what each column is about.
func (r *reading) columns(names []string) ([]column, error) {
	known, meant := columnNames()
	all, told := make([]column, len(names)), map[string]bool{}
	any := false
	for i, name := range names {
		c, ok := meant[plain(name)]
		switch {
		case ok:
			any = any || c.member == "channelId" || c.figure != ""
			told[c.about()] = true
		}
		if c.name = name; slices.ContainsFunc(all[:i], func(o column) bool { return ok && c.about() == o.about() }) {
			return nil, fmt.Errorf("the query has the column %s twice", shown(name))
		}
		all[i] = c
	}
	for i, name := range names {
		if all[i] == (column{name: name}) && plain(name) != plain(conversationMember) {
			r.otherColumn(name, known, meant, told)
		}
	}
	if !any {
		text := "the query has the columns %s; want channelId, or a figure of the conversation such as talk"
		if meant := r.meant(); len(meant) > 0 {
			text += "; " + strings.Join(meant, ", ")
		}
		return nil, fmt.Errorf(text, shown(strings.Join(names, ", ")))
	}
	return all, nil
}

// otherColumn notes a column that is not known: what it was probably meant to be, and is not there, is not told.
func (r *reading) otherColumn(name string, known []string, meant map[string]column, told map[string]bool) {
	near := nearest.Word(name, known)
	phase, isPhase := phaseColumn(name)
	if phase != "" {
		near = ofPhase + phase
	}
	text := r.unknown(shown(name), near)
	c := meant[plain(near)]
	switch {
	case isPhase || c.phase != "":
		if slices.ContainsFunc(timed, func(phase string) bool { return !told[ofPhase+phase] }) {
			r.misnamed = cmp.Or(r.misnamed, text)
		}
	case aspectOf(c.about()) != 0 && !told[c.about()]:
		r.miss(aspectOf(c.about()), text)
	}
}

// meant lists the unknown names that are nearly known ones.
func (r *reading) meant() (all []string) {
	for _, text := range r.Unknown {
		if strings.HasSuffix(text, "?)") {
			all = append(all, text)
		}
	}
	return all
}

// about is what a column is about: as it would be called.
func (c *column) about() string {
	if c.phase != "" {
		return ofPhase + c.phase
	}
	return cmp.Or(c.member, string(c.figure))
}

// ofPhase is what columns with the seconds of a phase begin with.
const ofPhase = "seconds_"

// row reads one row.
func (r *reading) row(columns []column, row []any) error {
	c, id := &trial.Channel{}, ""
	filled := ""
	for i := range columns {
		col, value := &columns[i], row[i]
		var err error
		if value, err = col.read(value); err != nil {
			return err
		}
		switch {
		case value == nil && col.phase != "":
			tell(c, col.phase, 0) // a sum of nothing
		case value == nil:
		case col.figure != "":
			err = r.sameFigure(col, value)
		case col.phase != "":
			tell(c, col.phase, value.(float64))
			filled = col.name
		case col.member == "channelId":
			if id, _ = value.(string); id == "" {
				return fmt.Errorf("%s is %s; want a string", shown(col.name), what(value))
			}
		case col.member != "":
			filled, err = col.name, r.member(c, col.member, value, shown(col.name))
		}
		if err != nil {
			return err
		}
	}
	for _, phase := range phases {
		if _, told := c.Seconds[phase]; c.Seconds != nil && !told {
			c.Seconds[phase] = math.NaN()
		}
	}
	switch {
	case id != "":
		if !r.add(id, c) {
			return fmt.Errorf("the channel %s has a row already; want one row for each channel", shown(id))
		}
	case filled != "":
		return fmt.Errorf("%s has a value, but channelId has none", shown(filled))
	}
	return nil // figures only, as of an outer join
}

// read makes a number of a value where one is wanted.
func (c *column) read(value any) (any, error) {
	text, is := value.(string)
	if is && c.numeric() {
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			return nil, fmt.Errorf("%s is %s; want a number%s", shown(c.name), what(value), hint(c))
		}
		value = n
	}
	if value == nil || !c.numeric() || c.figure != "" {
		return value, nil
	}
	_, err := number(value, shown(c.name))
	return value, err
}

// sameFigure reads a figure, which must be the same in each row.
func (r *reading) sameFigure(c *column, value any) error {
	before, again := r.Figures[c.figure]
	if err := r.figure(c.figure, value, shown(c.name)); err != nil {
		return err
	}
	if now := r.Figures[c.figure]; again && now != before {
		return fmt.Errorf("%s is %g, and %g in another row; it is about the whole conversation", shown(c.name), now, before)
	}
	return nil
}

// hint is how the number comes about that a text is not.
func hint(c *column) string {
	if c.phase != "" || !slices.Contains([]trial.Figure{trial.Answered, trial.Abandoned, trial.Agents, trial.Transfers, ""}, c.figure) {
		return " of seconds; of an interval, select EXTRACT(EPOCH FROM …) or TIME_TO_SEC(…)"
	}
	return ""
}
