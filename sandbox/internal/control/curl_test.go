package control

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// nasty is texts that a shell would like to read otherwise.
var nasty = []string{
	"plain", "it's", `"quoted"`, "$(touch /tmp/x) `id` $HOME", `back\slash \n`, "@/etc/passwd", "new\nline and\ttab", "-X DELETE", "!history", "", "ünïcode ✓",
	"nul\x00byte", "\xff\xfe no UTF-8", "carriage\rreturn", "bell\a", "100%s %d",
}

// words lets a shell split a command line and returns its words; curl itself is not run. What
// is piped into it comes last.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh here")
	}
	script := `curl() { for a in "$@"; do printf '%s\0' "$a"; done; for a in "$@"; do if [ "$a" = @- ]; then cat; fi; done; }` + "\n" + line
	out, err := exec.CommandContext(t.Context(), sh, "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, line)
	}
	return strings.Split(string(out), "\x00")
}

func TestAShellReadsTheLineAsItIsMeant(t *testing.T) {
	const url = "http://127.0.0.1:1/ev?a=[1]&b='x'"
	header := store.Header{{"Content-Type", "application/json"}, {"X-Nasty", `it's "$(id)"`}, {"X-Empty", ""}, {"Content-Length", "7"}, {"Host", "x"}}
	for _, body := range nasty {
		words := shellWords(t, curl(url, header, []byte(body)))
		text := strings.Join(words, "\x00")
		for _, want := range []string{"\x00" + url + "\x00", "\x00--header\x00Content-Type: application/json\x00--header\x00X-Nasty: it's \"$(id)\"\x00--header\x00X-Empty;\x00--header\x00User-Agent:\x00"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q: %q is missing in %q", body, want, words)
			}
		}
		if strings.Contains(text, "Content-Length") || strings.Contains(text, "Host") {
			t.Errorf("%q: curl writes Content-Length and Host itself: %q", body, words)
		}
		if !strings.HasSuffix(text, "\x00--data-raw\x00"+body+"\x00") && !strings.HasSuffix(text, "\x00--data-binary\x00@-\x00"+body) {
			t.Errorf("%q: the body is not the last word of %q", body, words)
		}
	}
}

// The real curl sends the same request again.
func TestCurlSendsTheSameRequest(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl here")
	}
	type request struct {
		*http.Request
		body []byte
	}
	requests := make(chan request, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		requests <- request{r, sent}
	}))
	defer s.Close()
	header := store.Header{{"Host", "elsewhere"}, {"User-Agent", "ringback"}, {"Content-Type", "application/cloudevents+json"}, {"Vonage-Signature", "a.b.c"}}
	for _, body := range nasty {
		line := curl(s.URL+"/a[1-2]?q={x}", header, []byte(body)) + " --silent --noproxy '*'"
		if out, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s\n%s", err, out, line)
		}
		want := http.Header{"User-Agent": {"ringback"}, "Content-Type": {"application/cloudevents+json"}, "Vonage-Signature": {"a.b.c"}}
		got := <-requests
		got.Header.Del("Content-Length")
		if !bytes.Equal(got.body, []byte(body)) || asText(t, got.Header) != asText(t, want) || got.Method != "POST" || got.URL.Path != "/a[1-2]" {
			t.Errorf("%q: %s %s %v %q", body, got.Method, got.URL, got.Header, got.body)
		}
	}
}
