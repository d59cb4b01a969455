package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/show"
)

// How much of a trial is drawn.
const (
	mostRows    = 24 // deliveries: the first and the last of them
	mostColumns = 32 // of what happened
)

// row is a delivery that is drawn.
type row struct {
	*trial.Delivery
	nth   int  // in the order of sending, from 0
	place int  // in the order of what happened, from 0
	twin  int  // the first delivery of the same notification, or -1
	late  bool // something that happened after it was sent before
	party string
}

// Timeline draws a trial: a line for each delivery in the order of sending, with a mark at its place in the order in
// which things happened. Where both are the same, the marks form a diagonal.
func Timeline(t *trial.Trial) (lines []string) {
	rows, places := rowsOf(t)
	if len(rows) == 0 {
		return []string{}
	}
	width := max(min(places, mostColumns), 1)
	margin := len(fmt.Sprint(len(rows)))
	who, what := 0, 0
	for _, r := range rows {
		who, what = max(who, utf8.RuneCountInString(r.who())), max(what, len(r.what()))
	}
	lines = append(lines, fmt.Sprintf("%*s │ %-*s │ happened at", margin, "", 2*width-1, "→ time"))
	for i, r := range rows {
		if len(rows) > mostRows && i == mostRows-6 {
			lines = append(lines, fmt.Sprintf("%*s │ … %d more", margin, "", len(rows)-mostRows))
		}
		if len(rows) > mostRows && i >= mostRows-6 && i < len(rows)-6 {
			continue
		}
		at := r.place
		if places > width {
			at = at * (width - 1) / (places - 1)
		}
		track := strings.Repeat("· ", at) + r.mark() + strings.Repeat(" ·", width-at-1)
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%*d %s %s │ %s  %-*s  %-*s  %s", margin, i+1, r.edge(rows, len(t.Deliveries)), track, r.when(),
			who, r.who(), what, r.what(), strings.Join(r.remarks(), ", ")), " "))
	}
	return lines
}

// rowsOf lists the deliveries of a trial in the order of sending, and counts the different notifications.
func rowsOf(t *trial.Trial) (rows []row, places int) {
	all := make([]*trial.Delivery, 0, len(t.Deliveries)+len(t.Later))
	for _, deliveries := range [][]trial.Delivery{t.Deliveries, t.Later} {
		for i := range deliveries {
			all = append(all, &deliveries[i])
		}
	}
	first, called := map[string]int{}, parties(t) // the first by source and id
	for i, d := range all {
		r := row{Delivery: d, nth: i, twin: -1, party: cmp.Or(called[strings.ToLower(d.Channel)], d.Party, "–")}
		key := d.Source + "\n" + d.ID
		if at, again := first[key]; again && d.Usable {
			r.twin = at
		} else {
			first[key] = i
		}
		rows = append(rows, r)
	}
	order := happened(rows)
	for place, i := range order {
		rows[i].place = place
	}
	most := map[string]int{} // by conversation
	for i := range rows {
		if r := &rows[i]; r.twin >= 0 {
			r.place = rows[r.twin].place
		} else {
			last, any := most[r.Conversation]
			r.late = any && r.place < last
			most[r.Conversation] = max(last, r.place)
		}
	}
	return rows, len(order)
}

// happened lists the different notifications in the order in which they happened. What happened to several channels in one
// instant stays together by channel, in the order of sending.
func happened(rows []row) (order []int) {
	first := map[string]int{} // delivery of a channel at an instant
	at := func(i int) string { return rows[i].Timestamp + rows[i].Channel }
	var notes []*trial.Note
	for i := range rows {
		if rows[i].twin >= 0 {
			continue
		}
		if _, known := first[at(i)]; !known {
			first[at(i)] = i
		}
		order, notes = append(order, i), append(notes, &rows[i].Note)
	}
	ranks := map[int]int{}
	for k, place := range mistake.Ranks(notes) {
		ranks[order[k]] = place
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rows[a].Timestamp != rows[b].Timestamp:
			return cmp.Or(mistake.Before(&rows[a].Note, &rows[b].Note), a-b)
		case first[at(a)] != first[at(b)]:
			return first[at(a)] - first[at(b)]
		}
		return cmp.Or(ranks[a]-ranks[b], a-b)
	})
	return order
}

// edge is the border left of the marks. It holds together what is released at once.
func (r *row) edge(rows []row, now int) string {
	same := func(i int) bool { return i >= 0 && i < len(rows) && r.Burst != 0 && rows[i].Burst == r.Burst }
	switch {
	case same(r.nth-1) && same(r.nth+1):
		return "┃"
	case same(r.nth + 1):
		return "┏"
	case same(r.nth - 1):
		return "┗"
	case r.nth >= now:
		return "┊"
	}
	return "│"
}

func (r *row) mark() string {
	switch {
	case r.twin >= 0:
		return "○"
	case r.late:
		return "◆"
	}
	return "●"
}

// when is the time of day at which it happened.
func (r *row) when() string {
	_, clock, ok := strings.Cut(r.Timestamp, "T")
	if !ok {
		return fmt.Sprintf("%-12s", "–")
	}
	return fmt.Sprintf("%-12s", show.Line(strings.TrimSuffix(clock, "Z"), 16))
}

func (r *row) who() string { return r.party }

// what is the type, without what all types have.
func (r *row) what() string {
	if !r.Usable {
		return "unusable body"
	}
	return show.Line(strings.TrimPrefix(r.Type, "channel."), 40)
}

// remarks say what is unusual about a delivery.
func (r *row) remarks() (all []string) {
	if r.late {
		all = append(all, "late")
	}
	if r.twin >= 0 {
		all = append(all, fmt.Sprintf("again, as %d", r.twin+1))
	}
	if r.Token != trial.Right {
		all = append(all, r.Token.Text())
	}
	if r.Wire.Way != trial.Whole {
		all = append(all, r.Wire.Way.String())
	}
	if r.edgeOfBurst() {
		all = append(all, "at once")
	}
	switch r.Crash.When {
	case trial.Behind:
		all = append(all, "✗ killed behind the answer")
	case trial.Within:
		if r.Crash.Share > 0 {
			all = append(all, "✗ killed within the request")
		} else {
			all = append(all, fmt.Sprintf("✗ killed %s into the request", show.Brief(r.Crash.After)))
		}
	}
	return all
}

func (r *row) edgeOfBurst() bool { return r.Burst != 0 }
