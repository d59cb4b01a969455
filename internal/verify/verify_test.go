package verify

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/published"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/receiver"
)

// bodies are the documented examples on one line: alerted, connected, resumed, retrieved, unparked.
func bodies(t testing.TB) (all []string) {
	for _, n := range published.Notifications(t)[:5] {
		all = append(all, string(n.Compact))
	}
	return all
}

// verified is what is found in files.
func verified(t *testing.T, o Options, files ...string) Result {
	t.Helper()
	v := New(o)
	for i, text := range files {
		if err := v.File(fmt.Sprint("file", i), strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	return v.Result()
}

// lines are the findings as "file:line:column class text", and what is left out.
func lines(r Result) (all []string) {
	for _, f := range r.Findings {
		all = append(all, fmt.Sprintf("%s:%d:%d %s %.40s", f.File, f.Line, f.Column, f.Class, f.Text))
	}
	for _, g := range r.More {
		all = append(all, fmt.Sprintf("%d more %s %.40s", g.Count, g.Class, g.Kind))
	}
	return all
}

func TestTheExamplesByThemselvesAndTogether(t *testing.T) {
	for _, n := range published.Notifications(t) {
		for form, text := range n.Forms() {
			for _, o := range []Options{{}, {Single: true}} {
				r := verified(t, o, string(text))
				want := len(n.Notes)
				if !n.Begins && !o.Single {
					want++
				}
				if r.Counts[event.Violation]+r.Counts[event.Deviation] > 0 || r.Counts[event.Note] != want || r.Accepted != 1 {
					t.Errorf("%s %s, %+v: %v", n.Name, form, o, lines(r))
				}
			}
		}
	}
}

func TestOneCauseIsToldOnce(t *testing.T) {
	b := bodies(t)
	reused := strings.ReplaceAll(b[1], "740109c1", "00000000")
	extra := strings.Replace(b[0], `"source"`, `"extra":1,"source"`, 1)
	for _, c := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"an empty file beside another", []string{b[0], " \n"}, []string{"file0:1:0 note id-second", "file1:0:0 note holds no notifications"}},
		{"text between notifications", []string{b[0] + "\nlevel=info\nlevel=warn\n"}, []string{"file0:2:1 violation not JSON", "file0:1:0 note id-second"}},
		{"an ID twice in one file", []string{b[0] + "\n" + reused}, []string{"file0:2:0 violation id-reused", "file0:1:0 note id-second"}},
		{"an ID twice in two files", []string{b[0], reused}, []string{"file0:1:0 note id-second", "file1:1:0 note id-second", "file1:1:0 note missing-alerted"}},
		{"a member without documentation", []string{extra}, []string{"file0:1:0 deviation extra: unknown member", "file0:1:0 note id-second"}},
		{"a type without documentation, and a member", []string{strings.Replace(extra, "alerted", "created", 1)},
			[]string{"file0:1:0 deviation extra: unknown member", "file0:1:0 note type: unknown event type"}},
	} {
		got := lines(verified(t, Options{}, c.files...))
		ok := len(got) == len(c.want)
		for i := range c.want {
			ok = ok && strings.HasPrefix(got[i], c.want[i])
		}
		if !ok {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, c.want)
		}
	}
}

// Every notification is in one of the counts.
func TestCountsAddUp(t *testing.T) {
	b := bodies(t)
	strange := strings.Replace(strings.Replace(b[0], "alerted", "created", 1), `"source"`, `"extra":1,"source"`, 1)
	r := verified(t, Options{}, strings.Join([]string{b[0], b[0], strange, `{"type":"x","id":"y","data":1}`, "x", `{"received":"2025-03-03T09:00:00Z","status":401,"body":"{}"}`}, "\n"))
	if r.Notifications != 5 || r.Accepted != 1 || r.Duplicates != 1 || r.Unknown != 1 || r.Faulty != 2 || r.Refused != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestWhatTheFileHoldsBeforeItBreaksIsJudged(t *testing.T) {
	v := New(Options{})
	err := v.File("f", io.MultiReader(strings.NewReader(bodies(t)[1]+"\n"), iotest.ErrReader(errors.New("no disk"))))
	if err == nil || err.Error() != "f: line 2: no disk" {
		t.Errorf("got %v", err)
	}
	if r := v.Result(); r.Accepted != 1 || r.Counts[event.Note] != 2 {
		t.Errorf("got %v", lines(r))
	}
	for text, want := range map[string]error{"level=info\n{}": ErrNone, `{"run":"r","outcome":"accepted"}`: nil} {
		if err := New(Options{}).File("f", strings.NewReader(text)); err == nil || errors.Is(err, ErrNone) != (want != nil) {
			t.Errorf("%s: got %v, want %v", text, err, want)
		}
	}
}

// However many findings there are, a bounded number is kept, and all are counted.
func TestFindingsAreBounded(t *testing.T) {
	var file strings.Builder
	first := bodies(t)[0]
	for i := range 3000 {
		body := strings.Replace(first, `"source"`, fmt.Sprintf(`"extra%d":1,"source"`, i), 1)
		body = strings.ReplaceAll(body, "740109c1", fmt.Sprintf("%08d", i))
		file.WriteString(strings.Replace(body, `"1.0"`, `"1.1"`, 1) + "\n{\"level\":7}\n")
	}
	r := verified(t, Options{Single: true}, file.String())
	if r.Counts[event.Violation] != 6000 || r.Counts[event.Deviation] != 3000 || r.Notifications != 6000 || r.Faulty != 6000 {
		t.Errorf("got %v of %d notifications", r.Counts, r.Notifications)
	}
	if most := mostViolations + (mostKinds+1)*mostAlike; len(r.Findings) > most || len(r.More) > mostKinds+3 {
		t.Errorf("got %d findings, %d groups; want at most %d", len(r.Findings), len(r.More), most)
	}
	kept := len(r.Findings)
	for _, g := range r.More {
		kept += g.Count
	}
	if all := r.Counts[event.Violation] + r.Counts[event.Deviation] + r.Counts[event.Note]; kept != all {
		t.Errorf("%d are listed or counted as left out; want %d", kept, all)
	}
}

// A file that unpacks to nothing but rubbish is not read for hours.
func TestReadingStopsInRubbish(t *testing.T) {
	sampling.Long(t)
	body := bodies(t)[0] + "\n"
	for _, c := range []struct{ before, says string }{
		{"", "f:1:1: want a row"},
		{body, "f: line 1048577: 1048576 places in the file are no notifications; reading stops here"},
	} {
		v := New(Options{})
		rest := &counted{Reader: strings.NewReader(strings.Repeat("{}\n", mostOdd+1_000_000))}
		err := v.File("f", io.MultiReader(strings.NewReader(c.before), rest))
		if err == nil || !strings.HasPrefix(err.Error(), c.says) || errors.Is(err, ErrNone) != (c.before == "") {
			t.Errorf("got %v, want %q", err, c.says)
		}
		if rest.n > 3*mostOdd+1<<20 {
			t.Errorf("read %d bytes", rest.n)
		}
		if r := v.Result(); r.Accepted != len(c.before)/max(1, len(body)) {
			t.Errorf("got %+v", r)
		}
	}
}

// counted counts what is read.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// Of a long recording the last places are remembered; a finding about an earlier notification has
// its ID instead.
func TestPlacesAreBounded(t *testing.T) {
	v := New(Options{})
	v.remember, v.together = 3, receiver.New(receiver.Options{Partial: true, Remember: 4})
	b := bodies(t)
	var file strings.Builder
	for i := range 10 {
		file.WriteString(strings.NewReplacer("740109c1", fmt.Sprintf("%08d", i), "2VejGqWZPqHXHVNcfUPUO8IASAp", fmt.Sprintf("2VejGqWZPqHXHVNcfUPUO8IAS%02d", i)).Replace(b[0]) + "\n")
	}
	if err := v.File("f", strings.NewReader(file.String())); err != nil {
		t.Fatal(err)
	}
	r := v.Result()
	if len(v.places) != 3 || r.Counts[event.Note] != 10 || r.Channels != 4 || r.Forgotten != 6 {
		t.Errorf("got %d places, %v, %d channels, %d forgotten", len(v.places), r.Counts, r.Channels, r.Forgotten)
	}
	for _, f := range r.Findings {
		if known := f.Line > 7; known != (f.File == "f") || known == strings.Contains(f.Text, "2VejGqWZPqHXHVNcfUPUO8IAS") {
			t.Errorf("got %+v", f)
		}
	}
}

// Whatever files hold: nothing panics, all counts are those of what is listed or left out, and
// --complete finds all that is found without it.
func FuzzVerify(f *testing.F) {
	for _, b := range bodies(f) {
		f.Add(b, false)
	}
	b := bodies(f)
	f.Add("["+b[0]+","+b[1]+"]", true)
	f.Add(b[0]+"\n{\"specversion\":1}\nx\n"+b[0][:99], false)
	f.Add(`{"received":"2025-03-03T09:00:00Z","status":200,"body":"{}"}`, false)
	f.Fuzz(func(t *testing.T, text string, single bool) {
		var violations [2]int
		for i, o := range []Options{{Single: single}, {Complete: true}} {
			v := New(o)
			err := v.File("f", strings.NewReader(text))
			r := v.Result()
			if r.Notifications < r.Accepted+r.Duplicates+r.Unknown || r.Faulty > r.Notifications {
				t.Fatalf("%+v", r)
			}
			kept := len(r.Findings)
			for _, g := range r.More {
				kept += g.Count
			}
			if all := r.Counts[event.Violation] + r.Counts[event.Deviation] + r.Counts[event.Note]; kept != all {
				t.Fatalf("%d listed or left out, %d counted, %v", kept, all, err)
			}
			for _, found := range r.Findings {
				if found.Text == "" || found.Class == "" || found.Rule == string(receiver.IDReused) && single && i == 0 {
					t.Fatalf("%+v", found)
				}
			}
			violations[i] = r.Counts[event.Violation]
		}
		if violations[0] > violations[1] && !single { // which judges copies, too
			t.Fatalf("%d violations; complete, %d", violations[0], violations[1])
		}
	})
}
