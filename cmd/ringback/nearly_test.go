package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/sampling"
)

// mistyped is a word with two neighbouring letters swapped, near its middle, that is none of the known words.
func mistyped(t *testing.T, word string, known []string) string {
	t.Helper()
	for i := range len(word) - 1 {
		at := (len(word)/2 + i) % (len(word) - 1)
		typed := word[:at] + string(word[at+1]) + string(word[at]) + word[at+2:]
		if isLetter(word[at]) && isLetter(word[at+1]) && !slices.Contains(known, typed) && nearest.Word(typed, known) == word {
			return typed
		}
	}
	t.Fatalf("%q cannot be mistyped", word)
	return ""
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

// some are at most five of the words, from the first to the last.
func some(words []string) (few []string) {
	for i := range min(5, len(words)) {
		few = append(few, words[i*(len(words)-1)/max(1, min(5, len(words))-1)])
	}
	return few
}

// said is what the program says of wrong arguments.
func said(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if status := run(t.Context(), args, stdio{strings.NewReader(""), &out, &errs}, nil); status != exitUsage {
		t.Errorf("ringback %q: status %d, want %d; %s%s", args, status, exitUsage, out.String(), errs.String())
	}
	return errs.String()
}

// needed are the arguments without which a command reads no flags.
var needed = map[string][]string{"run": {"inbound-call"}, "capacity": {"inbound-call", "--to", "http://127.0.0.1:9/"}, "plan": {"inbound-call"}, "validate": {"inbound-call"}, "show": {"inbound-call"}, "schema": {"event"},
	"verify": {"-"}, "replay": {"-"}, "report": {"-"}, "diff": {"-", "got.ndjson"}}

func commands() []*cobra.Command { return newRoot(&program{}).Commands() }

func TestAFlagThatIsNearlyRightIsNamed(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	for _, cmd := range commands() {
		if cmd.HasSubCommands() || len(flagNames(cmd)) == 0 {
			continue
		}
		for _, flag := range flagNames(cmd) {
			args := append([]string{cmd.Name()}, needed[cmd.Name()]...)
			want := "did you mean --" + flag + "?"
			if len(flag) < 3 {
				continue // too short for a likely mistake
			}
			typed := mistyped(t, flag, flagNames(cmd))
			for _, as := range []string{"--" + typed, "--" + typed + "=1", "-" + typed, "-" + typed + "=1"} {
				if strings.HasPrefix(as, "-h") { // which is --help
					continue
				}
				if text := said(t, append(args, as)...); !strings.Contains(text, want) {
					t.Errorf("%s %s: want %s\n%s", cmd.Name(), as, want, text)
				}
			}
			if flag == "help" {
				continue
			}
			if text, want := said(t, append(args, "-"+flag)...), "write --"+flag; !strings.Contains(text, want) {
				t.Errorf("%s -%s: want %s\n%s", cmd.Name(), flag, want, text)
			}
			if cmd.Flags().Lookup(flag).NoOptDefVal != "" {
				continue
			}
			if text, want := said(t, append(args, "--"+flag, "--help")...), "--"+flag+": the value is missing in front of --help"; !strings.Contains(text, want) {
				t.Errorf("%s --%s --help: want %s\n%s", cmd.Name(), flag, want, text)
			}
		}
	}
}

func TestACommandThatIsNearlyRightIsNamed(t *testing.T) {
	known := nearest.Names(commands(), (*cobra.Command).Name)
	for _, name := range known {
		typed := mistyped(t, name, known)
		for _, args := range [][]string{{typed}, {"help", typed}, {strings.ToUpper(name)}} {
			if text, want := said(t, args...), fmt.Sprintf("did you mean %q?", name); !strings.Contains(text, want) {
				t.Errorf("%q: want %s\n%s", args, want, text)
			}
		}
	}
	if text, want := said(t, "completion", "bsah"), `did you mean "bash"?`; !strings.Contains(text, want) {
		t.Errorf("want %s\n%s", want, text)
	}
}

// Every flag whose help lists its values, and every one whose values shells complete.
func TestAValueThatIsNearlyRightIsNamed(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	for _, cmd := range commands() {
		args := append([]string{cmd.Name()}, needed[cmd.Name()]...)
		if cmd.Name() == "examine" {
			args = append(args, "--to", "http://127.0.0.1:1")
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			w, known := wordsOf(f)
			if !known {
				return
			}
			typed := map[string]string{} // by what was meant
			all, more := bare(w(""))
			for n, name := range all {
				all[n] = strings.TrimSuffix(name, "=")
			}
			all = slices.DeleteFunc(all, func(word string) bool { return strings.Trim(word, "0123456789") == "" }) // another number is no mistake
			for _, word := range some(all) {
				wrong := mistyped(t, word, all)
				switch {
				case f.Name == "assume":
					values, _ := bare(w(word + "="))
					for n, value := range values {
						values[n] = strings.TrimPrefix(value, word+"=")
					}
					if value := values[len(values)-1]; len(values) > 1 && len(value) > 2 {
						typed[value] = word + "=" + mistyped(t, value, values)
					}
					typed[word] = wrong + "=x"
				case more:
					typed[word] = wrong + " > 1"
				default:
					typed[word] = wrong
				}
			}
			for word, as := range typed {
				text := said(t, append(args, "--"+f.Name, as)...)
				if want := fmt.Sprintf("(did you mean %q?)", word); !strings.Contains(text, want) || !strings.Contains(text, "--"+f.Name+": ") {
					t.Errorf("%s --%s %q: want %s\n%s", cmd.Name(), f.Name, as, want, text)
				}
			}
		})
	}
}

func TestANameThatIsNearlyRightIsNamed(t *testing.T) {
	t.Parallel()
	for command, w := range argumentWords {
		all, _ := bare(w.words(""))
		for _, word := range some(all) {
			args := append(strings.Fields(command), mistyped(t, word, all))
			if text, want := said(t, args...), fmt.Sprintf("did you mean %q?", word); !strings.Contains(text, want) {
				t.Errorf("%s: want %s\n%s", command, want, text)
			}
		}
	}
}

// bare are words without what they mean.
func bare(all []string, more bool) ([]string, bool) {
	return nearest.Names(all, func(word string) string { name, _, _ := strings.Cut(word, "\t"); return name }), more
}

// What is no word of a list, but is nearly what was meant.
func TestWhatWasMeantIsSaid(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"agents.csv", "secret.txt"} {
		if err := os.WriteFile(name, []byte("agentId\n1544\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"run", "inbound-call", "--to", "localhost:8080"}, "--to: missing http://; write http://localhost:8080"},
		{[]string{"run", "inbound-call", "--to", "localhost/events"}, "--to: missing http://; write http://localhost/events"},
		{[]string{"run", "inbound-call", "--to", ":8080"}, "--to: missing the host; write http://127.0.0.1:8080"},
		{[]string{"run", "inbound-call", "--to", "8080/events"}, "--to: missing the host; write http://127.0.0.1:8080/events"},
		{[]string{"run", "inbound-call", "--to", "htp://localhost"}, `(did you mean "http"?)`},
		{[]string{"run", "inbound-call", "--to", "https://127.0.0.1:1", "--cert", "agents.csv", "--key", "secret.txt"}, "--cert: agents.csv holds no PEM certificate"},
		{[]string{"examine", "--to", "http://127.0.0.1:1", "--state", "localhost/x"}, "--state: "},
		{[]string{"run", "inbound-call", "http://127.0.0.1:1/events"}, "run: a URL needs a flag; write --to http://127.0.0.1:1/events"},
		{[]string{"wait", "http://127.0.0.1:1/"}, "wait: a URL needs a flag; write --to http://127.0.0.1:1/"},
		{[]string{"capacity", "inbound-call", "--to", "http://127.0.0.1:9/", "--resume", "capacity.json", "--seed", "7"}, "--seed: a search that is resumed goes on with its own seed"},
		{[]string{"plan", "inbound-call", "--to", "http://127.0.0.1:1"}, "unknown flag --to; plan has none, but capacity, examine, replay, run, wait"},
		{[]string{"run", "inbound-call", "-secret", "x"}, "-secret: a flag begins with two dashes; write --secret"},
		{[]string{"run", "inbound-call", "-secret=c2VjcmV0"}, "-secret: a flag begins with two dashes; write --secret"},
		{[]string{"run", "inbound-call", "-header", "A: b"}, "-header: a flag begins with two dashes; write --header"},
		{[]string{"replay", "got.ndjson", "--to", "--speed", "max"}, "--to: the value is missing in front of --speed"},
		{[]string{"run", "inbound-call", "--to", "--secret", "x"}, "--to: the value is missing in front of --secret"},
		{[]string{"plan", "./inbound-cal.yml"}, `./inbound-cal.yml: no such file or directory (did you mean the ready-made scenario "inbound-call"?)`},
		{[]string{"plan", "inbound-call", "--agents", "agents.csv"}, "(write @agents.csv to read the file)"},
		{[]string{"plan", "inbound-call", "--for", "90", "--calls", "1/s"}, `--for: want a time such as 30s or 10m, got "90" (add a unit: 90s)`},
		{[]string{"run", "inbound-call", "--timeout", "5"}, `--timeout: want a time such as 10s, got "5" (add a unit: 5s)`},
		{[]string{"serve", "--keep-for", "7d"}, "(write 168h)"},
		{[]string{"serve", "--keep-most", "500mb"}, `(did you mean "500MB"?)`},
		{[]string{"serve", "--keep-most", "2gib"}, `(did you mean "2GiB"?)`},
		{[]string{"serve", "--data", "memroy"}, `--data: there is no folder "memroy" (did you mean "memory"?); write ./memroy for a new folder`},
		{[]string{"serve", "--client-scopes", "admin:wirte"}, `--client-scopes: want admin:read or admin:write, got "admin:wirte" (did you mean "admin:write"?)`},
		{[]string{"receive", "--listen", "8080"}, `got "8080" (write 127.0.0.1:8080)`},
		{[]string{"run", "inbound-call", "--speed", "Max"}, `(did you mean "max"?)`},
		{[]string{"run", "inbound-call", "--shard", "atuo"}, `(did you mean "auto"?)`},
		{[]string{"run", "inbound-call", "--insecure=ture"}, `--insecure: want true or false, got "ture" (did you mean "true"?)`},
		{[]string{"run", "inbound-call", "--report", "out.jsn"}, `(did you mean "out.json"?)`},
		{[]string{"run", "inbound-call", "--report", "jsn:out"}, `(did you mean "json:out"?)`},
		{[]string{"run", "inbound-call", "--report", "out.json", "--report", "md:./out.json"}, "--report out.json and --report md:./out.json write the same file"},
		{[]string{"run", "inbound-call", "--types", "channel.held"}, `"channel.held" selects no event type (did you mean "channel.held.*"?)`},
		{[]string{"run", "inbound-call", "--types", "chanel.*"}, `(did you mean "channel.*"?)`},
		{[]string{"run", "inbound-call", "--fault", "duplicate 2% of channel.hold"}, `--fault: "duplicate 2% of channel.hold", character 17: "channel.hold" selects no event type (did you mean "channel.held.*"?)`},
		{[]string{"diff", "a", "b", "--ignore", "order,tme"}, `--ignore: want order, time or ids, got "tme" (did you mean "time"?)`},
		{[]string{"run", "--help=x"}, `--help: want true or false, got "x"`},
	} {
		if text := said(t, c.args...); !strings.Contains(text, c.want) {
			t.Errorf("%q: want %s\n%s", c.args, c.want, text)
		}
	}
	var out, errs bytes.Buffer
	run(t.Context(), []string{"run", "inbound-call", "--dry-run", "--secret", "secret.txt"}, stdio{strings.NewReader(""), &out, &errs}, nil)
	if want := "--secret: there is a file of this name; to read the secret from it, write @ in front"; !strings.Contains(errs.String(), want) {
		t.Errorf("want %s\n%s", want, errs.String())
	}
}
