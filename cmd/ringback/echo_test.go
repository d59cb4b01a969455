package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/echo"
	"github.com/ringback/ringback/internal/sampling"
)

// What a consumer is sent, or knows, and repeats.
const (
	echoedSecret   = "pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw="
	echoedHeader   = "Zx9+wq/71-header=of.a_key"
	echoedShort    = "k9Zq"
	echoedUser     = "ann"
	echoedPassword = "p455w0rd!x"
	echoedQuery    = "Qy7/tt==query+key"
	echoedNext     = "cm90YXRlZC1rZXktb2YtMzItYnl0ZXMtb3ItbW9yZS4="
)

// repeating is a server that repeats some texts.
func repeating(t *testing.T, known ...string) *echo.Server {
	t.Helper()
	s, err := echo.Listen(known...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// echoing is a consumer that repeats all that is secret.
func echoing(t *testing.T) *echo.Server {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(echoedSecret)
	if err != nil {
		t.Fatal(err)
	}
	pair := echoedUser + ":" + echoedPassword
	return repeating(t, echoedSecret, string(key), base64.RawURLEncoding.EncodeToString(key), echoedNext, "rotated-key-of-32-bytes-or-more.",
		echoedHeader, echoedShort, echoedPassword, pair, "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)), echoedQuery)
}

// echoedTo are flags that send all of it to a consumer.
func echoedTo(s *echo.Server) []string {
	return []string{"--to", strings.Replace(s.URL, "//", "//"+echoedUser+":"+echoedPassword+"@", 1) + "/events?code=" + strings.ReplaceAll(echoedQuery, "+", "%2B"),
		"--secret", echoedSecret, "--next-secret", echoedNext, "--header", "X-Api-Key: " + echoedHeader, "--header", "X-Pin: " + echoedShort}
}

// contentOf are the files of a folder by their names.
func contentOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		texts[file.Name()] = readFile(t, filepath.Join(dir, file.Name()))
	}
	return texts
}

// Whatever a consumer repeats, however encoded and wherever in its answer, no output shows it.
func TestNoOutputShowsWhatAConsumerRepeats(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "true")
	for _, engine := range []string{"lane", "http"} {
		t.Run(engine, func(t *testing.T) {
			consumer := echoing(t)
			dir := t.TempDir()
			t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(dir, "summary.md"))
			answers := consumer.Answers(true)
			if engine == "http" { // once in each encoding: what it reads goes the same way
				answers /= 3
			}
			args := append([]string{"run", "-"}, echoedTo(consumer)...)
			args = append(args, "--seed", "1", "--start", "2026-01-01T00:00:00Z", "--speed", "max", "--retry-for", "0", "--engine", engine, "--progress", "lines", "--connections", "8",
				"--count", fmt.Sprint(answers/9+1), "--log", filepath.Join(dir, "log.jsonl"), "--gate", "accepted == 6")
			if engine == "http" {
				args = append(args, "--assume", "redirects=follow")
			}
			for _, name := range []string{"r.json", "r.xml", "r.md", "r.html"} {
				args = append(args, "--report", filepath.Join(dir, name))
			}
			status, out, errs := call(t, goodStory, args...)
			if status != exitFailed {
				t.Errorf("status = %d, want %d: %s", status, exitFailed, errs)
			}
			texts := contentOf(t, dir)
			if texts["standard output"], texts["standard error"] = out, errs; len(texts) != 8 {
				t.Errorf("%d outputs, want 8", len(texts))
			}
			for _, leak := range consumer.Search(texts) {
				t.Error(leak)
			}
			if rows := strings.Count(texts["log.jsonl"], "\n"); rows < answers {
				t.Errorf("%d rows, want %d", rows, answers)
			}
			for _, want := range []string{"status: 401 Unauthorized", "(hidden: it repeats a secret)"} { // the others show an example, which chance chooses
				if !strings.Contains(texts["log.jsonl"], want) {
					t.Errorf("log.jsonl does not show %q", want)
				}
			}
		})
	}
}

// An examination tells what it saw, and which commands show it again, without what the consumer, and what tells its state, repeat, and
// without what it was given.
func TestNoExaminationShowsWhatAConsumerRepeats(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	consumer, state := echoing(t), repeating(t, echoedShort, echoedQuery) // of the others, ringback does not know there
	given := []string{echoedSecret, echoedNext, echoedHeader, echoedShort, echoedPassword, echoedQuery, strings.ReplaceAll(echoedQuery, "+", "%2B")}
	for name, args := range map[string][]string{
		"a consumer that repeats": append(echoedTo(consumer), "--budget", "500ms"),
		"a state that repeats":    {"--to", reference(t), "--header", "X-Pin: " + echoedShort, "--state", state.URL + "/{conversationId}?code=" + echoedQuery, "--check", "compare-hash"},
		"a command that repeats": {"--to", reference(t), "--header", "X-Api-Key: " + echoedHeader, "--check", "compare-hash", "--budget", "500ms",
			"--state-command", "sh -c false;{conversationId} --password " + echoedPassword},
		"findings": {"--to", believing(t) + "?code=" + echoedQuery, "--header", "X-Pin: " + echoedShort, "--secret", echoedSecret, "--next-secret", echoedNext, "--check", "require-token"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			args = append([]string{"examine"}, args...)
			for _, name := range []string{"r.json", "r.xml", "r.md", "r.html", "r.sarif"} {
				args = append(args, "--report", filepath.Join(dir, name))
			}
			status, out, errs := call(t, "", args...)
			texts := contentOf(t, dir)
			texts["standard output"], texts["standard error"] = out, errs
			if len(texts) != 7 {
				t.Fatalf("status %d, %d outputs, want 7: %s", status, len(texts), errs)
			}
			for _, leak := range append(consumer.Search(texts), state.Search(texts)...) {
				t.Error(leak)
			}
			for name, text := range texts {
				for _, secret := range given {
					if strings.Contains(text, secret) {
						t.Errorf("%s shows %s", name, secret)
					}
				}
			}
		})
	}
}
