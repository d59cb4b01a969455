package verify

import (
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
)

// Each finding is at the notification that breaks the rule, and names the earlier one that this
// does not go with.
func TestFindingsNameBothPlaces(t *testing.T) {
	b := bodies(t)
	const id, guid = "2VejGqWZPqHXHVNcfUPUO8IASAp", "740109c1"
	again := func(body, n string, more ...string) string { // the notification with another ID
		return strings.NewReplacer(append([]string{id, id[:25] + n}, more...)...).Replace(body)
	}
	late := func(body string) string { return strings.ReplaceAll(body, ":36.", ":37.") }
	a, c := b[0], again(b[1], "01")
	ended := again(strings.NewReplacer("channel.alerted", "channel.ended", `"channel":`, `"reason":"released","channel":`).Replace(b[0]), "02")
	for _, test := range []struct {
		name  string
		files []string
		want  []string // findings but the notes about IDs, as "file:line rule (see …)"
	}{
		{"IDs, time and again", []string{strings.Join([]string{a, b[1], b[1], late(b[1])}, "\n")},
			[]string{"file0:2 id-reused (see file0:1)", "file0:3 id-reused (see file0:1)", "file0:4 id-reused (see file0:1)"}},
		{"IDs in several files", []string{a, b[1], b[1], late(b[1])},
			[]string{"file1:1 id-reused (see file0:1)", "file2:1 id-reused (see file0:1)", "file3:1 id-reused (see file0:1)"}},
		{"a copy before the finding", []string{a, a, c, again(late(b[1]), "03")}, []string{"file3:1 illegal-transition (see file2:1)"}},
		{"after the end", []string{a, ended, again(late(b[1]), "03")}, []string{"file2:1 after-ended (see file1:1)"}},
		{"without its beginning", []string{a, again(late(b[1]), "03", guid, "00000000")}, []string{"file1:1 missing-alerted"}},
	} {
		var got []string
		for _, f := range verified(t, Options{Complete: true}, test.files...).Findings {
			if f.Class == event.Note {
				continue
			}
			see := ""
			if i := strings.LastIndex(f.Text, " (see"); i >= 0 {
				see = f.Text[i:]
			}
			got = append(got, f.File+":"+string(rune('0'+f.Line))+" "+f.Rule+see)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}
