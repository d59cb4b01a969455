package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// zipped is a text packed with gzip, each part as a member of its own.
func zipped(parts ...string) string {
	var b bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&b)
		w.Write([]byte(part))
		w.Close()
	}
	return b.String()
}

// wide is a text as some editors and shells on Windows write it.
func wide(text string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return string(b)
}

// Every file that ringback reads may have a byte order mark and CRLF, and be packed with gzip; what it does not read, it names. The
// file stands as FILE in the arguments.
func TestEachCommandReadsEachFormOfAFile(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many files, one after the other")
	}
	t.Parallel()
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, bodies, _ := call(t, "", "plan", "inbound-call", "--seed", "7", "--start", "2025-03-03T09:00:00Z", "--format", "ndjson")
	write("plain.ndjson", bodies)
	write("workload.yaml", "name: day\nstory: A day.\narrivals: [{csv: file.yaml}]\nmix: [{scenario: abandoned-in-queue, weight: 1}]\n")
	if status, _, errs := call(t, "", "run", "inbound-call", "--seed", "7", "--speed", "max", "--quiet", "--report", path("run.json")); status != 0 {
		t.Fatal(errs)
	}
	report, err := os.ReadFile(path("run.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args, text string
		empty      string // what is said of an empty file
		status     int    // then
		foreign    int    // the status of a file in a form that is not read
	}{
		{"verify FILE", bodies, " holds no notifications", 1, 2},
		{"diff PLAIN FILE", bodies, "9 missing, 0 extra", 1, 2},
		{"diff FILE PLAIN", bodies, "0 missing, 9 extra", 1, 2},
		{"replay FILE --speed max --dry-run --ids renew --seed 1 --to http://127.0.0.1:9/", bodies, " holds no notifications", 2, 2},
		{"report FILE", string(report), "not a JSON report of a run: the file is empty", 2, 2},
		{"validate FILE", goodStory, ":1:1: the file is empty", 3, 2},
		{"plan FILE --seed 7 --start 2025-03-03T09:00:00Z", goodStory, ":1:1: the file is empty", 3, 2},
		{"validate WORKLOAD", "time,rate\n08:00,1/m\n08:30,6/m\n", ":1:1: want at least two lines", 3, 3},
		{"run inbound-call --seed 7 --start 2025-03-03T09:00:00Z --dry-run --targets FILE", "targets:\n  - name: a\n    url: http://127.0.0.1:9/\n", ":1:1: the file is empty", 2, 2},
		{"run inbound-call --seed 7 --start 2025-03-03T09:00:00Z --dry-run --agents @FILE", "name,agentId\nAnn,1001\n", ":1:1: there are no agents in the file", 3, 2},
		{"run inbound-call --seed 7 --start 2025-03-03T09:00:00Z --dry-run --to http://127.0.0.1:9/ --secret @FILE", strings.Repeat("QUJD", 20) + "\n", "--secret: ", 2, 2},
	} {
		input := func(text string) (status int, out, errs string) {
			t.Helper()
			write("file.yaml", text)
			args := strings.NewReplacer("FILE", path("file.yaml"), "PLAIN", path("plain.ndjson"), "WORKLOAD", path("workload.yaml")).Replace(c.args)
			return call(t, "", strings.Fields(args)...)
		}
		wantStatus, want, errs := input(c.text)
		if wantStatus != 0 {
			t.Errorf("%s: status %d\n%s%s", c.args, wantStatus, want, errs)
		}
		for name, form := range map[string]string{
			"a byte order mark": "\ufeff" + c.text, "CRLF": strings.ReplaceAll(c.text, "\n", "\r\n"), "both": "\ufeff" + strings.ReplaceAll(c.text, "\n", "\r\n"),
			"gzip": zipped(c.text), "gzip of a byte order mark": zipped("\ufeff" + c.text), "several members": zipped(c.text[:5], c.text[5:], ""),
		} {
			if status, out, errs := input(form); status != 0 || out != want {
				t.Errorf("%s, %s: status %d, want that of the plain file:\n%s%s\nwant\n%s", c.args, name, status, out, errs, want)
			}
		}
		for name, form := range map[string][2]string{
			"UTF-16": {wide(c.text), "the file is UTF-16; save it as UTF-8"}, "zstd": {"\x28\xb5\x2f\xfd" + c.text, "it is packed with zstd; unpack it, or pack it with gzip"},
			"ZIP": {"PK\x03\x04" + c.text, "it is a ZIP archive; unpack it"}, "gzip that was cut off": {zipped(c.text)[:20], "the file cannot be unpacked to its end (was it cut off?)"},
		} {
			if status, out, errs := input(form[0]); status != c.foreign || !strings.Contains(errs, form[1]) {
				t.Errorf("%s, %s: status %d, want %d and %q:\n%s%s", c.args, name, status, c.foreign, form[1], out, errs)
			}
		}
		for name, form := range map[string]string{"nothing": "", "only a byte order mark": "\ufeff", "gzip of nothing": zipped("")} {
			if status, out, errs := input(form); status != c.status || !strings.Contains(out+errs, c.empty) {
				t.Errorf("%s, %s: status %d, want %d and %q:\n%s%s", c.args, name, status, c.status, c.empty, out, errs)
			}
		}
	}
}
