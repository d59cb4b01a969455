package plan_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// dawn is the start of most plans here.
var dawn = time.Date(2025, 3, 3, 9, 0, 0, 123_456_789, time.UTC)

// load reads a scenario of testdata.
func load(t testing.TB, name string) *scenario.Scenario {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

func parse(t testing.TB, text string) *scenario.Scenario {
	t.Helper()
	sc, err := scenario.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return sc
}

// story is a scenario of the given steps.
func story(t testing.TB, steps string) *scenario.Scenario {
	t.Helper()
	return parse(t, "name: a-story\nstory: A story.\nsteps:\n"+steps)
}

func planned(t testing.TB, sc *scenario.Scenario, o plan.Options) *plan.Plan {
	t.Helper()
	if o.Start.IsZero() {
		o.Start = dawn
	}
	p, err := plan.New(sc, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// all is every notification of a plan.
func all(p *plan.Plan) []plan.Notification {
	var ns []plan.Notification
	for n := range p.Notifications() {
		ns = append(ns, n)
	}
	return ns
}

// ndjson is the bodies, one a line.
func ndjson(ns []plan.Notification) []byte {
	var b []byte
	for i := range ns {
		b = append(ns[i].AppendBody(b), '\n')
	}
	return b
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// pick plans a scenario and gives its notifications.
func pick(t testing.TB, sc *scenario.Scenario, o plan.Options) []plan.Notification {
	t.Helper()
	return all(planned(t, sc, o))
}

func rate(t testing.TB, text string) scenario.Rate {
	t.Helper()
	r, err := scenario.ParseRate(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func span(t testing.TB, text string) *scenario.Span {
	t.Helper()
	s, err := scenario.ParseSpan(text)
	if err != nil {
		t.Fatal(err)
	}
	return &s
}
