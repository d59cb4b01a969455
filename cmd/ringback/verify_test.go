package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/published"
	"github.com/ringback/ringback/receiver"
)

// examples are those of v0, as they are published.
func examples(t *testing.T) (all []string) {
	t.Helper()
	for _, n := range published.Notifications(t)[:5] {
		all = append(all, string(n.Text))
	}
	return all
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // never fails: it is memory
	_ = w.Close()
	return b.String()
}

// compact is an example on one line.
func compact(text string) string {
	return regexp.MustCompile(`\n\s*`).ReplaceAllString(text, "")
}

// The examples of the documentation are accepted by all that reads, as they are published and
// on one line; what is odd about them is a note.
func TestThePublishedExamplesAreAccepted(t *testing.T) {
	var paths []string
	for _, n := range published.Notifications(t) {
		text := filed(t, "published.json", string(n.Text))
		paths = append(paths, text)
		for form, body := range n.Forms() {
			file := filed(t, "form.json", string(body))
			status, out, errs := call(t, "", "verify", file)
			for _, note := range n.Notes {
				if status != 0 || !strings.Contains(out, ":1: note: "+note+": ") || !strings.Contains(out, "1 notification: 1 accepted") || !strings.Contains(out, " 0 violations, ") {
					t.Errorf("verify %s, %s: status %d\n%s%s", n.Name, form, status, out, errs)
				}
			}
			if strings.Contains(out, "note: missing-alerted") == n.Begins {
				t.Errorf("verify %s, %s: a note of what is missing: want %t\n%s", n.Name, form, !n.Begins, out)
			}
			if status, out, errs := call(t, "", "verify", "--single", "--strict", file); status != 0 || strings.Contains(out, "missing-alerted") {
				t.Errorf("verify --single %s, %s: status %d\n%s%s", n.Name, form, status, out, errs)
			}
			if status, out, errs := call(t, "", "diff", text, file); status != 0 {
				t.Errorf("diff %s, %s: status %d\n%s%s", n.Name, form, status, out, errs)
			}
			status, out, errs = call(t, "", "replay", file, "--speed", "max")
			if status != 0 || !strings.Contains(out, "1 of 1 notification accepted") || !strings.Contains(out, "note: "+n.Notes[0]) {
				t.Errorf("replay %s, %s: status %d\n%s%s", n.Name, form, status, out, errs)
			}
		}
	}
	if status, out, errs := call(t, "", append([]string{"verify", "--strict"}, paths...)...); status != 0 || !strings.Contains(out, "7 notifications: 7 accepted, 0 duplicates") {
		t.Errorf("all in one call: status %d\n%s%s", status, out, errs)
	}
}

// Signed and sent to a receiver that listens, the examples are accepted. Where it is said that no
// channel began before, those that do not begin one are violations.
func TestReceiveAcceptsThePublishedExamples(t *testing.T) {
	for _, n := range published.Notifications(t) {
		for form, body := range n.Forms() {
			for _, flag := range []string{"--complete=false", "--complete"} {
				out, writer := io.Pipe()
				ended := make(chan int, 1)
				go func() {
					defer writer.Close()
					ended <- run(t.Context(), []string{"receive", "--expect", "1", "--for", "1m", flag}, stdio{strings.NewReader(""), writer, io.Discard}, nil)
				}()
				lines := bufio.NewReader(out)
				first, err := lines.ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				verdict := make(chan string, 1)
				go func() {
					text, _ := io.ReadAll(lines) // ends with the receiver
					verdict <- string(text)
				}()
				url := strings.TrimSpace(strings.TrimPrefix(first, "listening on "))
				if status, out, errs := call(t, "", "replay", filed(t, "example.json", string(body)), "--to", url, "--speed", "max"); status != 0 {
					t.Errorf("replay %s %s: status %d\n%s%s", n.Name, form, status, out, errs)
				}
				want := exitOK
				if flag == "--complete" && !n.Begins {
					want = exitFailed
				}
				text, status := <-verdict, <-ended
				if status != want || !strings.Contains(text, "received: 1 accepted, 0 duplicates, 0 ignored, 0 refused") || !strings.Contains(text, "note: "+n.Notes[0]) {
					t.Errorf("receive %s %s %s: status %d, want %d\n%s", flag, n.Name, form, status, want, text)
				}
			}
		}
	}
}

func TestVerifyReadsEveryForm(t *testing.T) {
	texts := examples(t)
	row := func(text string, status int) string {
		return fmt.Sprintf(`{"received":"2025-03-03T09:00:00Z","status":%d,"body":%q}`, status, compact(text))
	}
	for name, file := range map[string]string{
		"one a line":          compact(texts[0]) + "\n" + compact(texts[1]) + "\n",
		"pretty-printed":      texts[0] + texts[1],
		"side by side":        compact(texts[0]) + compact(texts[1]),
		"an array":            "[" + texts[0] + ",\n" + texts[1] + "]",
		"a byte order mark":   "\ufeff" + texts[0] + texts[1],
		"as Windows ends":     strings.ReplaceAll(texts[0]+texts[1], "\n", "\r\n"),
		"arrays":              "[[" + texts[0] + "]]\r\n[" + texts[1] + "]",
		"blank lines":         "\n\r\n" + compact(texts[0]) + "\r\n\r\n \t\n" + compact(texts[1]),
		"files in a row":      "\ufeff" + texts[0] + "\ufeff" + texts[1],
		"packed, in parts":    gzipped(texts[0]) + gzipped(texts[1]),
		"packed":              gzipped(texts[0] + texts[1]),
		"packed, with a mark": gzipped("\ufeff[" + texts[0] + "," + texts[1] + "]"),
		"rows":                row(texts[0], 200) + "\n" + row(texts[2], 401) + "\n" + row(texts[1], 200) + "\n",
	} {
		status, out, errs := call(t, file, "verify", "--single", "-")
		if status != 0 || !strings.Contains(out, "2 notifications: 2 accepted") || errs != "" {
			t.Errorf("%s: status %d\n%s%s", name, status, out, errs)
		}
	}
}

// Each row is a file, flags, the status, and lines of the output.
func TestVerifyTellsClassesAndPlaces(t *testing.T) {
	texts := examples(t)
	alerted, connected := compact(texts[0]), compact(texts[1])
	v1 := strings.Replace(strings.Replace(alerted, ".v0", ".v1", 1), "36.6134321Z", "36.613Z", 1)
	external := strings.Replace(alerted, `"role":"agent"`, `"role":"external"`, 1)
	for _, c := range []struct {
		name, file, flags string
		status            int
		says              []string
	}{
		{"the v1 page's times", v1, "", 0, []string{"standard input:1: note: v1-time-differs: channel.alerted.v1: time is 2022-08-30T14:34:36.613Z, timestamp is 2022-08-30T14:34:36.088Z"}},
		{"without its beginning", connected, "", 0, []string{"note: missing-alerted: ", "--complete says that it is whole"}},
		{"without its beginning, though whole", connected, "--complete", 1, []string{"standard input:1: missing-alerted: ", " 1 violation, "}},
		{"a member that is not documented", strings.Replace(alerted, `"source"`, `"accountid":"7","source"`, 1), "", 0, []string{":1: deviation: accountid: unknown member", "1 accepted", "0 violations, 1 deviation, 1 note"}},
		{"the same, strictly", strings.Replace(alerted, `"source"`, `"accountid":"7","source"`, 1), "--strict", 1, []string{":1: deviation: accountid: unknown member"}},
		{"identifiers where we assume none", external, "", 0, []string{":1: deviation: data.channel.party.agentId: want it absent or null for role external, got a string", "0 violations, 2 deviations"}},
		{"a type that is not known", strings.Replace(alerted, "alerted", "recorded", 1), "--strict", 0, []string{`:1: note: type: unknown event type: "channel.recorded.v0"`, "1 of unknown type, 0 invalid"}},
		{"a sent time before the event", strings.Replace(alerted, "36.6134321Z", "36.0134321Z", 1), "", 1, []string{":1: v0-time-early: "}},
		{"an ID twice", alerted + connected, "", 1, []string{":1: id-reused: ", "--single judges each by itself"}},
		{"an ID twice, in examples", alerted + connected, "--single", 0, []string{"2 accepted"}},
		{"a line that is cut off", alerted + "\n" + alerted[:80] + "\n" + alerted + "\n", "--single", 1, []string{":2:", ": not JSON: the line ends within a string (was it cut off?)", "3 notifications: 2 accepted", "1 invalid"}},
		{"a line of something else", alerted + "\nlevel=info\n{}\n", "--single", 1, []string{":2:1: not JSON: want a JSON object, got l", `:3:1: want a row of "receive --log"`}},
		{"lines of a log", strings.Repeat("level=info\n", 1000), "", 1, []string{"standard input:1:1: not JSON: want a JSON object, got l", "nothing in the file is a notification"}},
		{"JSON of something else", strings.Repeat("{\"level\":\"info\"}\n", 1000), "", 1, []string{"standard input:1:1: want a row", "(and so on, 1000 times); nothing in the file is a notification"}},
		{"numbers", "[1,2,3]", "", 1, []string{"standard input:1:2: not JSON: want a JSON object, got 1"}},
		{"UTF-16", "\xff\xfe{\x00}\x00", "", 2, []string{"standard input: line 1: the file is UTF-16; save it as UTF-8"}},
		{"a packed file that is cut off", gzipped(alerted)[:100], "", 2, []string{"cannot be unpacked to its end (was it cut off?)"}},
		{"nothing", " \n", "", 1, []string{"standard input holds no notifications"}},
		{"flags that contradict", alerted, "--single --complete", 2, []string{"use only one of --single, --complete"}},
		{"standard input twice", alerted, "-", 2, []string{"standard input (-) can be read only once"}},
	} {
		status, out, errs := call(t, c.file, append([]string{"verify", "-"}, strings.Fields(c.flags)...)...)
		if status != c.status {
			t.Errorf("%s: status %d, want %d\n%s%s", c.name, status, c.status, out, errs)
		}
		for _, says := range c.says {
			if !strings.Contains(out+errs, says) {
				t.Errorf("%s: want it to say %q:\n%s%s", c.name, says, out, errs)
			}
		}
		if n := strings.Count(errs, "\n"); n > 2 {
			t.Errorf("%s: %d lines of errors; want it told once\n%s", c.name, n, errs)
		}
	}
}

func TestVerifyAsJSON(t *testing.T) {
	text := strings.Replace(compact(examples(t)[1]), `"source"`, `"tenant":7,"source"`, 1)
	for _, c := range []struct {
		file, flag string
		status     int
		want       string
	}{
		{text, "", 0, `{"schema_version":1,"passed":true,"notifications":1,"accepted":1,"duplicates":0,"unknown_type":0,"faulty":0,"left_out":0,` +
			`"channels":1,"open_channels":1,"forgotten_channels":0,"counts":{"deviation":1,"note":2,"violation":0},"findings":[` +
			`{"file":"standard input","line":1,"column":0,"class":"deviation","rule":"unknown-member","text":"tenant: unknown member"},` +
			`{"file":"standard input","line":1,"column":0,"class":"note","rule":"id-second","text":"…"},` +
			`{"file":"standard input","line":1,"column":0,"class":"note","rule":"missing-alerted","text":"…"}],"more":[]}`},
		{text, "--strict", 1, `{"schema_version":1,"passed":false,"notifications":1,"accepted":1,"duplicates":0,"unknown_type":0,"faulty":0,"left_out":0,` +
			`"channels":1,"open_channels":1,"forgotten_channels":0,"counts":{…},"findings":[«{…}»],"more":[]}`},
		{"x", "", 1, `{"schema_version":1,"passed":false,"notifications":0,"accepted":0,"duplicates":0,"unknown_type":0,"faulty":0,"left_out":0,` +
			`"channels":0,"open_channels":0,"forgotten_channels":0,"counts":{"deviation":0,"note":0,"violation":0},"findings":[],"more":[]}`},
	} {
		status, out, errs := call(t, c.file, strings.Fields("verify - --output json "+c.flag)...)
		if err := published.Like(c.want, []byte(out)); err != nil || status != c.status || (errs == "") != (c.file == text) {
			t.Errorf("%s: status %d, want %d, %v\n%s", c.flag, status, c.status, err, errs)
		}
	}
	if status, out, errs := call(t, text, "verify", "-", "--output", "quiet"); status != 0 || out+errs != "" {
		t.Errorf("quiet: status %d, %s%s", status, out, errs)
	}
}

// What every notification of a long recording has is listed a few times and counted.
func TestVerifyListsTheSameRemarkAFewTimes(t *testing.T) {
	texts := examples(t)
	var file strings.Builder
	for i := range 100 {
		file.WriteString(strings.Replace(compact(texts[0]), "740109c1", fmt.Sprintf("%08d", i), -1) + "\n")
	}
	status, out, errs := call(t, file.String(), "verify", "--single", "-")
	if status != 0 || strings.Count(out, "note: id-second") != 10 || !strings.Contains(out, "… and 90 more notes: id-second\n") || !strings.Contains(out, "0 violations, 100 notes") {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
}

// Of several files each that cannot be used is named, once, and the others are judged.
func TestVerifyNamesTheFilesThatItCannotUse(t *testing.T) {
	good := recordedPlan(t, "inbound-call-with-hold")
	text, log := filed(t, "x.txt", strings.Repeat("hello\n", 1000)), filed(t, "app.log", strings.Repeat("{\"level\":1}\n", 1000))
	absent, empty := filepath.Join(t.TempDir(), "absent"), filed(t, "empty", "")
	for _, c := range []struct {
		files  []string
		status int
		named  []string
	}{
		{[]string{good, text, log}, 1, []string{text + ":1:1: not JSON", log + ":1:1: want a row"}},
		{[]string{text, absent, good}, 2, []string{text + ":1:1: not JSON", absent + ": "}},
		{[]string{absent, text, good}, 2, []string{text + ":1:1: not JSON", absent + ": "}},
		{[]string{good, t.TempDir()}, 2, []string{": is a directory"}},
		{[]string{good, filed(t, "a.xz", "\xfd7zXZ\x00\x01")}, 2, []string{"it is packed with xz; unpack it"}},
		{[]string{good, empty}, 0, []string{empty + ": note: holds no notifications"}},
	} {
		status, out, errs := call(t, "", append([]string{"verify", "--complete"}, c.files...)...)
		if status != c.status || !strings.Contains(out, "11 notifications: 11 accepted, 0 duplicates") || strings.Count(errs, "\n") > len(c.named) {
			t.Errorf("%q: status %d, want %d\n%s%s", c.files, status, c.status, out, errs)
		}
		for _, says := range c.named {
			if strings.Count(out+errs, says) != 1 {
				t.Errorf("%q: want once %q\n%s%s", c.files, says, out, errs)
			}
		}
	}
}

func TestSeveralFilesAreOneRecording(t *testing.T) {
	text, err := os.ReadFile(recordedPlan(t, "inbound-call-with-hold"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	first, second := filed(t, "first.ndjson", strings.Join(lines[:5], "")), filed(t, "second.ndjson", gzipped(strings.Join(lines[5:], "")))
	if status, out, errs := call(t, "", "verify", "--complete", "--strict", second, first); status != 0 || !strings.Contains(out, "11 notifications: 11 accepted, 0 duplicates, 0 of unknown type, 0 invalid; 2 channels, 0 of them open; 0 violations\n") {
		t.Errorf("both: status %d\n%s%s", status, out, errs)
	}
	if status, out, errs := call(t, "", "verify", "--complete", second); status != 1 || !strings.Contains(out, "missing-alerted") {
		t.Errorf("the second alone, though whole: status %d\n%s%s", status, out, errs)
	}
	if status, out, errs := call(t, "", "verify", second); status != 0 || !strings.Contains(out, "note: missing-alerted") {
		t.Errorf("the second alone: status %d\n%s%s", status, out, errs)
	}
}

func TestRemarksAreAFewOfEachRule(t *testing.T) {
	findings := make([]receiver.Finding, 1000)
	for i := range findings {
		findings[i] = receiver.Finding{Rule: receiver.IDSecond, Class: event.Note}
	}
	got := remarks(append(findings, receiver.Finding{Rule: receiver.V1TimeDiffers, Class: event.Note}))
	if len(got) != 12 || !strings.HasPrefix(got[0], "note: id-second: ") || !strings.HasPrefix(got[10], "note: v1-time-differs: ") || got[11] != "… and 990 more: id-second" {
		t.Errorf("got %d lines, %q", len(got), got)
	}
}
