package report_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// What stands in texts of consumers for what they repeated.
const secret, token = redact.Hidden, redact.Token

// row is a final row about a hand-written notification.
func row(story uint64, outcome emitter.Outcome, kind fault.Kind, answer string) *emitter.Attempt {
	a := &emitter.Attempt{Target: "büro", Number: 2, Sent: nine, Outcome: outcome, Fault: kind, Excerpt: []byte(answer),
		Notification: &plan.Notification{Story: story, Scenario: int(story % 2), Name: "customer", Raw: []byte(`{"id":"2tnej","note":"</pre><script>"}`),
			RawRef: plan.RawRef{Type: "channel.held.v0", ID: "2tnej", ConversationID: "4f27"}}}
	if outcome != emitter.Accepted && outcome != emitter.Refused {
		a.Status = 401
		a.Failure = emitter.Failure{Class: emitter.ClassStatus, Text: "401 Unauthorized"}
	}
	return a
}

// full is a summary and its details with something of everything.
func full(t *testing.T) (*report.Summary, *report.Details) {
	t.Helper()
	r := troubled()
	bad := &r.Targets[1]
	bad.Faults = map[fault.Kind]emitter.FaultsOfKind{fault.Unsigned: {Right: 3, Wrong: 1, WronglyAccepted: 1, Example: "unsigned accepted | with 200"}, fault.Duplicate: {Right: 7}}
	bad.Failures[emitter.ClassStatus] = emitter.FailuresOfClass{Count: 605, Example: "401 Unauthorized " + token + " " + secret + " http://h/"}
	id := identity
	id.Start, id.Names = nine, []string{"first", "second <b>"}
	id.Params = []show.Given{{Name: "hold", Value: "<2m> " + secret, From: "--set"}, {Name: "ring", Value: strings.Repeat("4", 200), From: "the variable RING"}}
	s := report.New(id, r)
	s.Verdict = report.Failed
	s.Receiver = &report.Receiver{Accepted: 3, Open: 1, Violations: []string{"after-ended: " + token}, Remarks: []string{"note: id-second: " + token}, Violated: 1}
	s.Checks = append(s.Checks, report.Check{Name: "the phase of the call", Passed: true}, report.Check{Name: "GET http://h/calls", Detail: "want ended, got " + token})
	s.Judge(gates(t, "accepted >= 99.9%", "answer p50 < 10h", "lateness max < 1us"))
	d := report.NewDetails(id.Names)
	d.Record(row(0, emitter.Accepted, fault.None, ""))
	d.Record(row(1, emitter.Accepted, fault.Duplicate, ""))
	d.Record(row(1, emitter.WronglyAccepted, fault.Unsigned, ""))
	d.Record(row(1, emitter.Refused, fault.WrongKey, ""))
	d.Record(row(1, emitter.GivenUp, fault.None, "bad "+token+" "+secret+" <img>"))
	d.Record(row(1, emitter.Retrying, fault.None, ""))
	d.Take(truth, 52)
	return s, d
}

func truth(i uint64) plan.Truth {
	end := nine.Add(time.Minute)
	return plan.Truth{Story: i, Conversations: []string{"4f27"}, Channels: []plan.ChannelTruth{
		{Name: "customer", Role: event.External, Stays: []plan.Stay{
			{Phase: lifecycle.Alerting, From: nine, To: nine}, {Phase: lifecycle.Connected, From: nine, To: nine.Add(30 * time.Second)},
			{Phase: lifecycle.Held, From: nine.Add(30 * time.Second), To: end}}},
		{Name: "alice", Role: event.Agent, AgentID: "1544", Stays: []plan.Stay{{Phase: lifecycle.Wrap, From: end}}},
	}}
}

func gates(t *testing.T, texts ...string) (all []gate.Gate) {
	t.Helper()
	for _, text := range texts {
		g, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

func TestEveryFormat(t *testing.T) {
	for _, name := range []string{"full.json", "full.xml", "full.md", "full.html"} {
		t.Run(name, func(t *testing.T) {
			s, d := full(t)
			place, err := report.ParsePlace(name, report.Endings()...)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := s.WriteAs(&b, report.Format(place.Format), d); err != nil {
				t.Fatal(err)
			}
			wantGolden(t, name, b.String())
		})
	}
}

func TestOtherFormatsAreRefused(t *testing.T) {
	for _, name := range []string{"report", "report.txt", "html", "x.htm"} {
		if p, err := report.ParsePlace(name, report.Endings()...); err == nil {
			t.Errorf("%q is taken for %+v", name, p)
		}
	}
}

// standsAlone makes sure that nothing in a page is of somebody else's making, that nothing
// comes from elsewhere, and that all that was opened is closed.
func standsAlone(t *testing.T, page string) {
	t.Helper()
	for _, part := range []string{"<script", "<img", "<link", "src=", "@import", "url(", "http-equiv=\"refresh", "ZgotmplZ", "NaN", "Inf"} {
		if strings.Contains(page, part) {
			t.Errorf("the page contains %q", part)
		}
	}
	open := []string{}
	for _, tag := range tags.FindAllStringSubmatch(page, -1) {
		switch name := tag[2]; {
		case name == "meta":
		case tag[1] == "":
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			t.Fatalf("</%s> closes nothing of %v", name, open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v is never closed", open)
	}
}

var tags = regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*>`)

func TestPagesStandAlone(t *testing.T) {
	for name, write := range map[string]func(*strings.Builder) error{
		"a load test": func(b *strings.Builder) error { return loaded(t).WriteAs(b, report.HTML, nil) },
		"two runs":    func(b *strings.Builder) error { return report.Compare(pair(t)).WriteAs(b, report.HTML) },
		"nothing": func(b *strings.Builder) error {
			return report.New(report.Identity{}, &emitter.Result{}).WriteAs(b, report.HTML, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			standsAlone(t, b.String())
		})
	}
}

func TestThePageOfARunWithTroubles(t *testing.T) {
	s, d := full(t)
	var b strings.Builder
	if err := s.WriteAs(&b, report.HTML, d); err != nil {
		t.Fatal(err)
	}
	standsAlone(t, b.String())
	if got := strings.Count(b.String(), "<h3>Conversation "); got != 50 || !strings.Contains(b.String(), "and 2 more conversations") {
		t.Errorf("%d conversations are drawn, want 50 and a note about 2", got)
	}
}

func TestDetailsAreBounded(t *testing.T) {
	d := report.NewDetails(nil)
	long := row(3, emitter.GivenUp, fault.None, "no")
	long.Notification.Raw = []byte(strings.Repeat("x", 100_000))
	for range 1000 {
		d.Record(long)
	}
	var b strings.Builder
	if err := report.New(identity, troubled()).WriteAs(&b, report.HTML, d); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "<h3>Request</h3>"); got != 100 || !strings.Contains(b.String(), "and 900 more") || b.Len() > 1_500_000 {
		t.Errorf("%d notifications in %d bytes; want 100 and a note about 900", got, b.Len())
	}
	accepted := row(0, emitter.Accepted, fault.None, "")
	if n := testing.AllocsPerRun(100, func() { d.Record(accepted) }); n > 0 {
		t.Errorf("an accepted notification allocates %v times", n)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestWriteErrorsAreTold(t *testing.T) {
	for _, f := range []report.Format{report.JSON, report.JUnit, report.Markdown, report.HTML} {
		if err := report.New(identity, troubled()).WriteAs(fullDisk{}, f, nil); err == nil {
			t.Errorf("%s: no error on a full disk", f)
		}
	}
}

func TestPlaces(t *testing.T) {
	for text, want := range map[string]report.Place{
		"run.json":          {Path: "run.json", Format: ".json"},
		"a/B.HTML":          {Path: "a/B.HTML", Format: ".html"},
		"md:summary":        {Path: "summary", Format: ".md"},
		"MD:summary.txt":    {Path: "summary.txt", Format: ".md"},
		"md:>>step summary": {Path: "step summary", Format: ".md", Append: true},
		"xml:/dev/stdout":   {Path: "/dev/stdout", Format: ".xml"},
		`C:\runs\run.md`:    {Path: `C:\runs\run.md`, Format: ".md"},
		"at 12:30.md":       {Path: "at 12:30.md", Format: ".md"},
		"json:a.md":         {Path: "a.md", Format: ".json"},
		"md: >> s1":         {Path: "s1", Format: ".md", Append: true},
		"our run.md":        {Path: "our run.md", Format: ".md"},
		"a,b;c.md":          {Path: "a,b;c.md", Format: ".md"},
	} {
		if got, err := report.ParsePlace(text, report.Endings()...); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": `want .json, .xml (JUnit), .md or .html, got ""`, "md:": "names no file", "md:>>": "names no file", "json:>>a": "none, but for Markdown",
		"pdf:a": "say the format, as in md:FILE", "sarif:a": "say the format", "step_summary": "say the format", ".": "say the format",
		"a.json,b.xml": "several files", "md:a1,xml:b1": "several files", "run.xml;run.md": "several files", "run.xml run.md": "several files",
		"JSON:a,md:>>b": "several files", "a.md, json:b": "several files", "md:a\nrun.md": "several files", "md: ": "names no file", "a.JSN": `did you mean "a.json"?`, "jsno:a": `did you mean "json:a"?`, "run.htm": `did you mean "run.html"?`,
	} {
		if got, err := report.ParsePlace(text, report.Endings()...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want an error with %q", text, got, err, want)
		}
	}
}

// wrote checks that a place can be written, and what its file holds afterwards.
func wrote(t *testing.T, p report.Place, want string) {
	t.Helper()
	if err := p.Check(); err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	if err := p.Write(func(w io.Writer) error { _, err := io.WriteString(w, "new\n"); return err }); err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	if got, err := os.ReadFile(p.Path); err != nil || string(got) != want {
		t.Errorf("%+v: it holds %q, %v; want %q", p, got, err, want)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(p.Path), ".ringback*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%+v left behind %q, %v", p, left, err)
	}
}

func TestReportsGoWhereTheyCan(t *testing.T) {
	old := func(name string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("old, and longer\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	wrote(t, report.Place{Path: filepath.Join(t.TempDir(), "a.md")}, "new\n")
	wrote(t, report.Place{Path: old("a.md")}, "new\n")
	wrote(t, report.Place{Path: old("a.md"), Append: true}, "old, and longer\nnew\n")
	wrote(t, report.Place{Path: filepath.Join(t.TempDir(), "a.md"), Append: true}, "new\n")

	target := old("target.md") // a link stays one
	link := filepath.Join(t.TempDir(), "link.md")
	if err := os.Symlink(target, link); err == nil {
		wrote(t, report.Place{Path: link}, "new\n")
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("the link is %v, %v now", info, err)
		}
	}

	missing := filepath.Join(t.TempDir(), "there later.md")
	if err := os.Symlink(filepath.Base(missing), filepath.Join(filepath.Dir(missing), "link.md")); err == nil {
		wrote(t, report.Place{Path: filepath.Join(filepath.Dir(missing), "link.md")}, "new\n")
		if _, err := os.Stat(missing); err != nil {
			t.Errorf("the link leads nowhere still: %v", err)
		}
	}

	if os.Getuid() != 0 { // root may write everywhere
		path := old("a.md") // whose folder takes no other file
		if err := os.Chmod(filepath.Dir(path), 0o555); err != nil {
			t.Fatal(err)
		}
		wrote(t, report.Place{Path: path}, "new\n")
		if err := (report.Place{Path: path + ".new"}).Check(); err == nil {
			t.Error("a folder that takes no file is taken for one that does")
		}
		if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none", "a.md"), filepath.Join(old("a"), "b.md")} {
		if err := (report.Place{Path: path}).Check(); err == nil {
			t.Errorf("%s can be written, it says", path)
		}
	}
}
