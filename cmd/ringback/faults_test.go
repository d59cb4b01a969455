package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// ruleOf is a rule of a kind that fires once.
func ruleOf(k fault.Kind) string {
	if k == fault.Delay {
		return "delay every 2 count 1 by 1s..2s"
	}
	return k.String() + " every 2 count 1"
}

func TestTheBuiltInReceiverIsRightAboutEveryFault(t *testing.T) {
	t.Parallel()
	for _, k := range fault.Kinds() {
		t.Run(k.String(), func(t *testing.T) {
			status, out, errs := call(t, goodStory, "run", "-", "--seed", "7", "--speed", "max", "--fault", ruleOf(k))
			if status != exitOK || !strings.Contains(out, "\n"+k.String()+" ") {
				t.Errorf("status = %d, want %d and a line about the fault:\n%s%s", status, exitOK, out, errs)
			}
		})
	}
}

func TestANaiveConsumerIsToldWhatItAcceptedWrongly(t *testing.T) {
	naive := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer naive.Close()
	args := []string{"run", "-", "--seed", "7", "--speed", "max", "--to", naive.URL}
	var forgeries []fault.Kind
	for _, k := range fault.Kinds() {
		if k.Row().Want.Refuse() {
			forgeries = append(forgeries, k)
			args = append(args, "--fault", k.String()+" 100% count 1")
		}
	}
	status, out, errs := call(t, goodStory, args...)
	if status != exitFailed {
		t.Errorf("status = %d, want %d; %s", status, exitFailed, errs)
	}
	if len(forgeries) != 5 || !strings.HasPrefix(afterLines(out), "9 of 14 notifications handled correctly in ") {
		t.Errorf("%d kinds, the report begins %q", len(forgeries), afterLines(out))
	}
	for _, k := range forgeries {
		if want := k.String() + ", 1 of 1 wrong: wrongly-accepted: " + k.String() + " accepted with 200 OK: a correct consumer would " + k.Row().Want.String(); !strings.Contains(out, want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
}

// afterLines is the report behind the lines of the attempts.
func afterLines(out string) string {
	_, report, _ := strings.Cut(out, "\n\n")
	return report
}

func TestFaultsOnTheCommandLine(t *testing.T) {
	other := "c29tZSBzZWNyZXQgdGhhdCBub2JvZHkgZ3Vlc3NlcyE="
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"a rule is planned", []string{"plan", "-", "--seed", "7", "--fault", "unsigned every 4 count 1"}, 0, "unsigned: sent +00:01.434, refuse with 401"},
		{"several rules", []string{"run", "-", "--speed", "max", "--fault", "unsigned every 4", "--fault", "drop every 3 count 1"}, 0, "1 dropped"},
		{"a mistyped fault", []string{"plan", "-", "--fault", "duplicat 2%"}, 2, `--fault: "duplicat 2%", character 1: unknown fault "duplicat" (did you mean "duplicate"?)`},
		{"a mistyped word", []string{"run", "-", "--fault", "duplicate 2% off channel.*"}, 2, `character 14: unknown word "off" (did you mean "of"?)`},
		{"a rotation without a next secret", []string{"run", "-", "--fault", "rotate-key every 4", "--secret", other}, 2, "--next-secret: built-in receiver needs a next secret for the fault rotate-key"},
		{"the same for a target", []string{"run", "-", "--fault", "rotate-key every 4", "--secret", other, "--to", "http://a:b@127.0.0.1:1/x?y=z"}, 2, "ringback: --next-secret: http://127.0.0.1:1/x needs a next secret for the fault"},
		{"a rotation with a next secret", []string{"run", "-", "--speed", "max", "--fault", "rotate-key every 4", "--secret", other, "--next-secret", signature.DevelopmentNextSecret}, 0, "9 of 9 notifications accepted"},
		{"a next secret that is not Base64", []string{"run", "-", "--next-secret", "!?="}, 2, "--next-secret: secret has no Base64 in it"},
		{"dropped ones in a dry run", []string{"run", "-", "--dry-run", "--fault", "drop every 3 count 1"}, 0, "would send 8 notifications of 1 conversation over "},
		{"how many these are", []string{"run", "-", "--dry-run", "--fault", "drop every 3 count 1"}, 0, " to built-in receiver; 1 notification would be dropped on purpose\n"},
		{"none of a type in a dry run", []string{"run", "-", "--dry-run", "--types", "channel.interrupted.v0"}, 0, "would send 0 notifications of 1 conversation to built-in receiver\n"},
		{"all dropped in a dry run", []string{"run", "-", "--dry-run", "--fault", "drop 100%"}, 0, "would send 0 notifications of 1 conversation to built-in receiver; 9 notifications would be dropped on purpose\n"},
		{"a rotation in a dry run", []string{"run", "-", "--dry-run", "--fault", "rotate-key every 4", "--secret", other}, 2, "needs a next secret"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := call(t, goodStory, c.args...)
			if status != c.status || !strings.Contains(out+errs, c.says) {
				t.Errorf("status = %d, want %d and %q:\n%s%s", status, c.status, c.says, out, errs)
			}
			if strings.Contains(out+errs, other) {
				t.Errorf("a secret is shown:\n%s%s", out, errs)
			}
		})
	}
}

func TestAFaultFromTheEnvironment(t *testing.T) {
	t.Setenv("RINGBACK_FAULT", "drop every 2 count 1")
	if _, out, _ := call(t, goodStory, "plan", "-"); strings.Count(out, "  drop: ") != 1 {
		t.Errorf("want one dropped:\n%s", out)
	}
}

// What plan prints is what run sends, in the same order, with everything that goes wrong.
func TestRunSendsThePlannedFaults(t *testing.T) {
	var mu sync.Mutex
	var got []string
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, string(body))
	}))
	defer consumer.Close()
	flags := []string{"inbound-call-with-hold", "--seed", "7", "--start", "2025-03-03T09:00:00Z", "--event-version", "both", "--lag", "10ms..2s"}
	for _, k := range fault.Kinds() {
		if k != fault.SlowBody && k != fault.Reset { // the one takes time, the other is sent twice
			flags = append(flags, "--fault", strings.Replace(ruleOf(k), "every 2", "every 3", 1))
		}
	}
	_, planned, _ := call(t, "", append([]string{"plan", "--format", "ndjson"}, flags...)...)
	status, out, errs := call(t, "", append([]string{"run", "--speed", "max", "--connections", "1", "--to", consumer.URL}, flags...)...)
	if status != exitFailed { // it is naive
		t.Errorf("status = %d, want %d: %s%s", status, exitFailed, out, errs)
	}
	if want := strings.Split(strings.TrimSuffix(planned, "\n"), "\n"); strings.Join(got, "\n") != strings.Join(want, "\n") || len(want) < 25 {
		t.Errorf("%d bodies sent, want these %d, in this order:\n%s\ngot\n%s", len(got), len(want), planned, strings.Join(got, "\n"))
	}
}

// The table tells of every fault when it is sent, and the JSON what it is.
func TestPlanShowsFaults(t *testing.T) {
	args := []string{"plan", "-", "--seed", "7", "--start", "2025-03-03T09:00:00Z"}
	for _, k := range fault.Kinds() {
		_, table, _ := call(t, goodStory, append(args, "--fault", ruleOf(k))...)
		if strings.Count(table, "  "+k.String()+": sent +") != 1 || !strings.Contains(table, k.Row().Want.String()) {
			t.Errorf("the table does not show %s:\n%s", k, table)
		}
		_, json, _ := call(t, goodStory, append(args, "--format", "json", "--fault", ruleOf(k))...)
		if want := `"fault":"` + k.String() + `","want":"` + k.Row().Want.String() + `"`; strings.Count(json, want) != 1 {
			t.Errorf("the JSON does not show %s once:\n%s", want, json)
		}
	}
}
