//go:build linux

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/ringback/ringback/internal/sampling"
)

// A line that is typed in a real bash, with a tab behind it, becomes another one.
func TestBashCompletesListsAndQuotes(t *testing.T) {
	sampling.Long(t)
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash here")
	}
	folder := t.TempDir()
	// Between two lines the terminal itself must not take what is typed for orders.
	bash := exec.Command("sh", "-c", "stty raw && echo line:raw && exec bash --norc --noprofile -i")
	bash.Dir, bash.Env = folder, append(os.Environ(), "PS1=$ ", "TERM=dumb")
	terminal, err := pty.StartWithSize(bash, &pty.Winsize{Rows: 50, Cols: 250})
	if err != nil {
		t.Skipf("there are no pseudo terminals here: %v", err)
	}
	defer func() {
		_ = bash.Process.Kill()
		_ = bash.Wait()
		terminal.Close()
	}()
	type typed struct{ line, listed string }
	lines := make(chan typed, 100)
	go func() {
		defer close(lines)
		var listed strings.Builder
		for all := bufio.NewScanner(terminal); all.Scan(); {
			text := strings.TrimSuffix(all.Text(), "\r")
			if line, ok := strings.CutPrefix(text, "line:"); ok {
				lines <- typed{line, listed.String()}
				listed.Reset()
				continue
			}
			listed.WriteString(text + "\n")
		}
	}()
	answer := func(text string) typed {
		t.Helper()
		if _, err := terminal.WriteString(text); err != nil {
			t.Fatal(err)
		}
		select {
		case line := <-lines:
			return line
		case <-time.After(time.Minute):
			t.Fatalf("%q: bash does not answer", text)
			return typed{}
		}
	}
	answer("")
	// Ctrl-O prints the line that is being typed, and Ctrl-U deletes it.
	answer(`eval "$(ringback completion bash)"; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; bind 'set show-all-if-ambiguous on'; bind 'set completion-query-items 0'; bind 'set page-completions off'` + "\n" +
		`bind -x '"\C-o": printf "\n%s%s\n" "line:" "$READLINE_LINE"'; printf '\n%s\n' "line:"ready` + "\n")
	for _, tt := range []struct{ typed, want string }{
		{`run inbound-call-w`, `run inbound-call-with-hold `},
		{`run chat --conn`, `run chat --connections `},
		{`run chat --output=qu`, `run chat --output=quiet `},
		{`run inbound-call-with-hold --set ho`, `run inbound-call-with-hold --set hold=`},
		{`run chat --set ho`, `run chat --set ho`},
		{`diff --ignore order,t`, `diff --ignore order,time `},
		{`examine --check hash-raw-body,read-an`, `examine --check hash-raw-body,read-any-json `},
		{`run chat --assume held-c`, `run chat --assume held-channel=`},
		{`run chat --assume id-form=v4,reas`, `run chat --assume id-form=v4,reason=`},
		{`run chat --assume held-channel=bo`, `run chat --assume held-channel=both `},
		{`run chat --assume=held-channel=bo`, `run chat --assume=held-channel=both `},
		{`run chat --assume "held-channel=bo`, `run chat --assume "held-channel=both" `},
		{`run chat --assume 'absent-ids=null,held-channel=bo`, `run chat --assume 'absent-ids=null,held-channel=both' `},
		{`run chat --types channel.held.v0,channel.ende`, `run chat --types channel.held.v0,channel.ended.v`},
		{`run chat --types 'channel.held.v0,channel.ende`, `run chat --types 'channel.held.v0,channel.ended.v`},
		{`run chat --fault dup`, `run chat --fault duplicate `},
		{`run chat --fault 'duplicate 2% of channel.hel`, `run chat --fault 'duplicate 2% of channel.held.v`},
		{`run chat --fault 'duplicate 2% of channel.held.v1`, `run chat --fault 'duplicate 2% of channel.held.v1' `},
		{`run chat --fault "duplicate 2% of agent.p`, `run chat --fault "duplicate 2% of agent.presencechanged.v`},
		{`run chat --fault duplicate\ 2%\ of\ channel.hel`, `run chat --fault duplicate\ 2%\ of\ channel.held.v`},
		{`run chat --fault duplicate\ 2%\ of\ channel.held.v1`, `run chat --fault duplicate\ 2%\ of\ channel.held.v1 `},
		{`run chat --gate 'wrong`, `run chat --gate 'wrongly accepted`},
		{`run chat --gate wrong`, `run chat --gate wrongly\ accepted`},
		{`run chat --gate 'lat`, `run chat --gate 'laten`},
		{`run chat --gate 'latency p99.`, `run chat --gate 'latency p99.9`},
		{`run chat --gate latency\ me`, `run chat --gate latency\ mean`},
		{`receive --answer '429 retry-after 30s x2,res`, `receive --answer '429 retry-after 30s x2,reset`},
		{`plan $(touch evaluated) inbound-call-w`, `plan $(touch evaluated) inbound-call-with-hold `},
	} {
		if got := answer("ringback " + tt.typed + "\t\x0f\x15"); got.line != "ringback "+tt.want {
			t.Errorf("%s: became %q, want %q", tt.typed, got.line, tt.want)
		}
	}
	// Where several fit, they are listed, also where nothing was typed so far.
	for text, want := range map[string][]string{
		"": {"examine", "receive", "(Compare two recordings)"}, "run ": {"voicemail", "inbound-call-with-hold"}, "run chat --fault ": {"duplicate", "expired-token"},
		"run chat --fault '": {"duplicate", "expired-token"}, "run chat --assume ": {"held-channel=", "id-form="}, "run chat --assume held-channel=": {"both", "customer"},
		"run chat --assume=held-channel=": {"both", "customer"}, "run chat --assume id-form=v4,held-channel=": {"both", "customer"}, `run chat --assume "held-channel=`: {"held-channel=both", "held-channel=customer"},
		"run chat --types channel.held.v0,channel.ended.v": {"channel.ended.v0", "channel.ended.v1"}, "run chat --gate ": {"latency", "wrongly\\ accepted"},
		"run chat --output ": {"json", "quiet"}, "examine --check ": {"count-once", "identity/duplicates/at-once"}, "examine --check count-once,": {"count-once,only-hs256"},
	} {
		got := answer("ringback " + text + "\t\x0f\x15")
		if got.line != "ringback "+text {
			t.Errorf("%s: became %q", text, got.line)
		}
		for _, word := range want {
			if !strings.Contains(got.listed, word) {
				t.Errorf("%s: %q is not listed:\n%s", text, word, got.listed)
			}
		}
	}
	if got := answer("ringback run inbound-call-with-hold --set ho\t\t\x0f\x15"); got.line != "ringback run inbound-call-with-hold --set hold=" {
		t.Errorf("what is complete became %q", got.line)
	}
	if _, err := os.Stat(filepath.Join(folder, "evaluated")); err == nil {
		t.Error("what stands in the line was run to complete it")
	}
}
