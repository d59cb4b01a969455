package emitter_test

import (
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

const good = "http://127.0.0.1:8080/events"

func one(target emitter.Target) emitter.Emitter {
	return emitter.Emitter{Targets: []emitter.Target{target}}
}

func with(e emitter.Emitter) emitter.Emitter {
	e.Targets = []emitter.Target{{URL: good}}
	return e
}

func TestGoodSettings(t *testing.T) {
	tests := []struct {
		name string
		e    emitter.Emitter
	}{
		{"a plain target is good", one(emitter.Target{URL: good})},
		{"private addresses are good", one(emitter.Target{URL: "https://[fd00::7]:8443"})},
		{"names are looked up when they are dialled", one(emitter.Target{URL: "https://consumer.example/"})},
		{"allowed public addresses are good", one(emitter.Target{URL: "https://[2001:DB8::1]/", Allow: []string{"2001:db8::1"}})},
		{"the speed may be infinite", with(emitter.Emitter{Speed: math.Inf(1)})},
		{"a Sender needs no URL", one(emitter.Target{Name: "t", Sender: always(200)})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := test.e.Check(); err != nil {
				t.Error(err)
			}
			if target := test.e.Targets[0]; target.Check() != nil {
				t.Errorf("by itself: %v", target.Check())
			}
		})
	}
}

func TestWhatIsWrongIsFoundBeforeAnythingIsSent(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "junk.pem")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		e    emitter.Emitter
		want string // all of the error
	}{
		{"no targets", emitter.Emitter{}, "no targets: name at least one URL to send to"},
		{"no url", one(emitter.Target{}), "target: no URL; write one like http://127.0.0.1:8080/events"},
		{"no scheme", one(emitter.Target{URL: "localhost:8080"}), "target: missing http://; write http://localhost:8080"},
		{"another scheme", one(emitter.Target{URL: "ftp://u:geheim@h/?k=geheim"}), "target ftp://h/: the URL begins with neither http:// nor https://; write one like http://127.0.0.1:8080/events"},
		{"no host", one(emitter.Target{Name: "t", URL: "http:///x"}), "target t: the URL has no host; write one like http://127.0.0.1:8080/events"},
		{"an unreadable url with a password", one(emitter.Target{URL: "http://u:ge%heim@h/"}),
			"target: the URL cannot be read; write one like http://127.0.0.1:8080/events, with special characters as %XX"},
		{"several urls, one with a password", one(emitter.Target{URL: good + ";http://u:geheim@h/"}), "target: this looks like several URLs; give each of them by itself"},
		{"two urls with a blank between", one(emitter.Target{URL: good + "\u00a0https://u:geheim@h/"}), "target: this looks like several URLs; give each of them by itself"},
		{"a blank", one(emitter.Target{URL: good + " "}), "target " + good + "%20: the URL has a blank or a line break in it; leave it out, or write %20 for a blank"},
		{"a public address", one(emitter.Target{URL: "http://u:geheim@8.8.8.8/?k=geheim"}),
			"target http://8.8.8.8/: 8.8.8.8 is neither loopback, private nor link-local, and is not an allowed host"},
		{"a mistyped pattern", one(emitter.Target{URL: good, Types: []string{"chanel.*", "*.v1"}}), "target " + good + `: types: "chanel.*" selects no event type (did you mean "channel.*"?)`},
		{"reserved headers", one(emitter.Target{URL: good, Header: http.Header{"content-type": {"x"}, "vonage-Signature": {"x"}, "Content-Length": {"1"}}}),
			"target " + good + ": header Content-Length is reserved: leave it out, it is set where it is needed\n" +
				"header Content-Type is reserved: leave it out, it is set where it is needed\n" +
				"header Vonage-Signature is reserved: leave it out, it is set where it is needed"},
		{"a header that would be two", one(emitter.Target{URL: good, Header: http.Header{"X-Key": {"geheim\r\nX: y"}, "a b": {""}}}),
			"target " + good + `: header X-Key has a control character in its value` + "\n" + `header name "a b": want letters, digits and hyphens`},
		{"a file without authorities", one(emitter.Target{URL: good, TLS: emitter.TLS{CAFile: junk}}), "target " + good + ": certificate authorities: " + junk + " holds no PEM certificate"},
		{"a certificate without key", one(emitter.Target{URL: good, TLS: emitter.TLS{CertFile: junk}}), "target " + good + ": client certificate: the key is missing; add it"},
		{"a key without certificate", one(emitter.Target{URL: good, TLS: emitter.TLS{KeyFile: junk}}), "target " + good + ": client key: the certificate is missing; add it"},
		{"one name twice", emitter.Emitter{Targets: []emitter.Target{{URL: good + "?a"}, {URL: good + "?b"}}}, `two targets are named "` + good + `": give each a name of its own`},
		{"several faults at once", with(emitter.Emitter{Speed: -1, Connections: -1, Timeout: -time.Second, Waiting: -1, SignaturePrefix: "\n", ContentType: "a\r\nb"}),
			"speed is -1, want 0.001 to 1000000000, or Max\nconnections are -1, want 1 to 10000\ntimeout is -1s, want a time up to 1h0m0s\n" +
				"waiting is -1, want 1 to 1000000\n" + `signature prefix "\n" cannot stand in a header` + "\n" + `content type "a\r\nb" cannot stand in a header`},
		{"too many could wait", emitter.Emitter{Waiting: 1_000_000, Targets: many(20, good)}, "20100000 notifications could wait for all targets together, want at most 20000000: lower waiting, or use fewer targets"},
		{"a speed that is no number", with(emitter.Emitter{Speed: math.NaN()}), "speed is NaN, want 0.001 to 1000000000, or Max"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if err := test.e.Check(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if _, err := test.e.Run(t.Context(), time.Now(), slices.Values(notes(1, 0))); err == nil || err.Error() != got {
				t.Errorf("Run: %v, want the error of Check", err)
			}
			if strings.Contains(got, "geheim") {
				t.Error("the error shows a secret")
			}
		})
	}
}

// many are so many targets with the limits of the emitter, and one with a limit of its own.
func many(n int, url string) (all []emitter.Target) {
	for i := range n {
		all = append(all, emitter.Target{URL: fmt.Sprint(url, i)})
	}
	return append(all, emitter.Target{URL: url, Waiting: emitter.DefaultWaiting})
}

func TestAssumptionsAreReadByName(t *testing.T) {
	var e emitter.Emitter
	for _, text := range []string{"200-205", "2xx", "3xx"} {
		err := e.Success.UnmarshalText([]byte(text))
		back, _ := e.Success.MarshalText()
		if (err == nil) != (string(back) == text) {
			t.Errorf("success %s is read as %s, %v", text, back, err)
		}
	}
	if err := e.RetryAfter.UnmarshalText([]byte("obey")); err != nil || e.RetryAfter != emitter.ObeyRetryAfter {
		t.Errorf("obey is read as %d, %v", e.RetryAfter, err)
	}
	err := e.Redirects.UnmarshalText([]byte("go"))
	if err == nil || err.Error() != `want fail or follow, got "go"` {
		t.Errorf("error is %v", err)
	}
}
