package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/scenario/fault"
)

// judged is a run of 15 notifications, 5 of them to be refused or dropped.
func judged(accepted uint64) *emitter.Result {
	t := target("crm", 1)
	t.Matched, t.Accepted, t.Refused, t.Dropped, t.WronglyAccepted = 15, 10, 4-accepted, 1, accepted
	wrong := emitter.FaultsOfKind{Right: 3 - accepted, Wrong: accepted, WronglyAccepted: accepted}
	if accepted > 0 {
		wrong.Example = "wrongly-accepted: wrong-key accepted with 200 OK: a correct consumer would refuse with 401"
	}
	t.Faults = map[fault.Kind]emitter.FaultsOfKind{
		fault.WrongKey: wrong, fault.MalformedJSON: {Right: 1}, fault.Drop: {Right: 1}, fault.Duplicate: {Right: 2, Open: 1}}
	return result(t)
}

func text(t *testing.T, r *emitter.Result) string {
	t.Helper()
	var b strings.Builder
	if err := report.New(identity, r).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFaultsThatWereAnsweredRightlyAreCounted(t *testing.T) {
	got := text(t, judged(0))
	for _, want := range []string{
		"15 of 15 notifications handled correctly in 1m23s: 10 accepted, 4 refused, 1 dropped\n",
		"\nfault                    expected  right  wrong\n" +
			"duplicate                  accept      2      0\n" +
			"drop                      nothing      1      0\n" +
			"wrong-key         refuse with 401      3      0\n" +
			"malformed-json  answer 204 or 400      1      0\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report does not say\n%s\ngot\n%s", want, got)
		}
	}
	if strings.Contains(got, "wrongly") || strings.Contains(got, "wrong:") {
		t.Errorf("the report complains:\n%s", got)
	}
}

func TestForgeriesThatWereAcceptedAreNamed(t *testing.T) {
	got := text(t, judged(2))
	for _, want := range []string{
		"13 of 15 notifications handled correctly in 1m23s: 10 accepted, 2 refused, 1 dropped, 2 wrongly accepted\n",
		"wrong-key         refuse with 401      1      2\n",
		"\ncrm: wrong-key, 2 of 3 wrong: wrongly-accepted: wrong-key accepted with 200 OK: a correct consumer would refuse with 401\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report does not say\n%s\ngot\n%s", want, got)
		}
	}
}

func TestARunWithoutFaultsSpeaksOfNone(t *testing.T) {
	got := text(t, result(target("crm", 1)))
	if strings.Contains(got, "fault") || !strings.HasPrefix(got, "12,345 of 12,345 notifications accepted in 1m23s\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestFaultsStandInTheJSON(t *testing.T) {
	var b strings.Builder
	if err := report.New(identity, judged(2)).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		All   bool `json:"all_accepted"`
		Total struct {
			Refused, Dropped uint64
			WronglyAccepted  uint64 `json:"wrongly_accepted"`
			Faults           map[string]emitter.FaultsOfKind
		}
		Targets []struct {
			Faults map[string]emitter.FaultsOfKind
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.All || got.Total.Refused != 2 || got.Total.WronglyAccepted != 2 || got.Total.Dropped != 1 || len(got.Targets) != 1 || len(got.Targets[0].Faults) != 4 {
		t.Errorf("got %+v", got)
	}
	want := emitter.FaultsOfKind{Want: "refuse with 401", Right: 1, Wrong: 2, WronglyAccepted: 2,
		Example: "wrongly-accepted: wrong-key accepted with 200 OK: a correct consumer would refuse with 401"}
	if f := got.Total.Faults["wrong-key"]; f != want {
		t.Errorf("got %+v, want %+v", f, want)
	}
	if f := got.Total.Faults["duplicate"]; f != (emitter.FaultsOfKind{Want: "accept", Right: 2, Open: 1}) {
		t.Errorf("got %+v, want 2 right and 1 open", f)
	}
}
