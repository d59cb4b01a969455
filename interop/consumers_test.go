package interop

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/interop/internal/ports"
	"github.com/ringback/ringback/signature"
)

// consumersDir holds the consumers that docs/consumer.md shows.
const consumersDir = "consumers"

// documented is a consumer of docs/consumer.md.
type documented struct {
	name    string
	runtime string                                // the command that must be there
	build   func(t *testing.T) (command []string) // skips the test if a library is missing
	forgets func() bool                           // it has no database here; nil: it has one
	env     []string
}

var documentedConsumers = []documented{
	{name: "Go", runtime: "go", build: func(t *testing.T) []string {
		program := filepath.Join(t.TempDir(), "consumer.exe")
		built(t, "", "go", "build", "-o", program, "./consumers/go")
		return []string{program}
	}},
	{name: "Node.js", runtime: "node", build: runs("node", "consumer.mjs"), forgets: func() bool { return exec.Command("node", "-e", `require("node:sqlite")`).Run() != nil }},
	{name: "Python", runtime: "python3", build: runs("python3", "consumer.py")},
	{name: "Java", runtime: "javac", build: buildJava},
	{name: "PHP", runtime: "php", build: func(t *testing.T) []string {
		if out, _ := exec.CommandContext(t.Context(), "php", "-m").Output(); !bytes.Contains(out, []byte("pdo_sqlite")) {
			missing(t, "php", "PHP has no PDO driver for SQLite")
		}
		return []string{"php", "-S", "127.0.0.1:$PORT", absolute(t, "consumer.php")}
	}, env: []string{"PHP_CLI_SERVER_WORKERS=4"}},
	{name: "C#", runtime: "dotnet", build: buildCSharp},
}

// missing skips a test, unless RINGBACK_REQUIRE names the runtime: then the test fails.
func missing(t *testing.T, runtime, why string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("RINGBACK_REQUIRE"), ","), runtime) {
		t.Fatalf("RINGBACK_REQUIRE asks for %s: %s", runtime, why)
	}
	t.Skip(why)
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(consumersDir, file))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func built(t *testing.T, dir, command string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", command, strings.Join(args, " "), err, out)
	}
}

func runs(runtime, file string) func(t *testing.T) []string {
	return func(t *testing.T) []string { return []string{runtime, absolute(t, file)} }
}

// buildJava compiles with the libraries as Debian packs them.
func buildJava(t *testing.T) []string {
	libraries := []string{"/usr/share/java/gson.jar", "/usr/share/java/sqlite-jdbc.jar"}
	for _, jar := range libraries {
		if _, err := os.Stat(jar); err != nil {
			missing(t, "javac", fmt.Sprintf("Java has no JSON and no SQLite of its own: %v", err))
		}
	}
	out := t.TempDir()
	path := strings.Join(append(libraries, out), string(os.PathListSeparator))
	built(t, "", "javac", "-cp", path, "-d", out, absolute(t, "Consumer.java"))
	return []string{"java", "-XX:TieredStopAtLevel=1", "-cp", path, "Consumer"}
}

// buildCSharp compiles a copy, since compiling leaves files beside the sources.
func buildCSharp(t *testing.T) []string {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(absolute(t, "csharp"))); err != nil {
		t.Fatal(err)
	}
	restore := exec.CommandContext(t.Context(), "dotnet", "restore", "--nologo")
	if restore.Dir = dir; restore.Run() != nil {
		missing(t, "dotnet", "Microsoft.Data.Sqlite cannot be had")
	}
	built(t, dir, "dotnet", "build", "--nologo", "--no-restore", "--output", "out")
	return []string{"dotnet", filepath.Join(dir, "out", "consumer.dll")}
}

// process is a running consumer, which can be killed and started again with what is in its database.
type process struct {
	command []string
	env     []string
	port    int
	running *exec.Cmd
	log     bytes.Buffer
}

// serve builds and starts a consumer for the rest of the test.
func (d *documented) serve(t *testing.T) *process {
	t.Helper()
	if _, err := exec.LookPath(d.runtime); err != nil {
		missing(t, d.runtime, err.Error())
	}
	p := &process{command: d.build(t), port: ports.Free(t)}
	p.env = slices.Concat(os.Environ(), d.env, []string{
		fmt.Sprintf("PORT=%d", p.port), "DATABASE=" + filepath.Join(t.TempDir(), "consumer.db"),
		"VONAGE_SECRET=" + signature.DevelopmentSecret + "," + signature.DevelopmentNextSecret,
	})
	if err := p.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.end()
		if t.Failed() {
			t.Logf("%.4000s", p.log.Bytes())
		}
	})
	return p
}

func (p *process) url() string { return fmt.Sprintf("http://127.0.0.1:%d", p.port) }

// start starts the process, and returns when it listens.
func (p *process) start(ctx context.Context) error {
	args := slices.Clone(p.command)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "$PORT", fmt.Sprint(p.port))
	}
	p.running = exec.Command(args[0], args[1:]...)
	p.running.Env, p.running.Stdout, p.running.Stderr = p.env, &p.log, &p.log
	ownGroup(p.running)
	if err := p.running.Start(); err != nil {
		return err
	}
	return p.listens(ctx)
}

func (p *process) listens(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url()+"/calls/none", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the consumer does not listen: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// end kills the process and what it has started.
func (p *process) end() {
	killGroup(p.running)
	_ = p.running.Wait()
}

// refusesWhatIsNoToken sends headers that an examination does not.
func (p *process) refusesWhatIsNoToken(t *testing.T) {
	t.Helper()
	secret, _ := signature.ParseSecret(signature.DevelopmentSecret)
	body := `{"specversion":"1.0"}`
	good := signature.Sign(secret, []byte(body), time.Now())
	parts := strings.Split(good, ".")
	at := len(good) - 20 // inside the HMAC
	for name, token := range map[string]string{
		"two parts": "e30." + parts[1], "four parts": good + ".e30", "a header that is no JSON": "AAAA." + parts[1] + "." + parts[2],
		"a header that is null": "bnVsbA." + parts[1] + "." + parts[2], "claims that are a list": parts[0] + ".W10." + parts[2], "9 KiB": strings.Repeat("A", 9<<10),
		"an HMAC that was changed": good[:at] + strings.Map(func(r rune) rune { return r ^ 1 }, good[at:at+1]) + good[at+1:],
		"no parts":                 "..", "characters that are not Base64": "§.!.%",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url()+"/events", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Vonage-Signature", token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		response.Body.Close()
		if response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: status %d, want 401", name, response.StatusCode)
		}
	}
}

// crash kills the process and starts it again.
func (p *process) crash(ctx context.Context) error {
	p.end()
	return p.start(ctx)
}

// budget bounds an examination; RINGBACK_BUDGET, such as 3m, gives another one, in which all trials are reached.
func budget(t *testing.T) time.Duration {
	text := os.Getenv("RINGBACK_BUDGET")
	if text == "" {
		return 6 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Whoever writes a consumer as docs/consumer.md shows has nothing to mend.
func TestNothingIsFoundInTheDocumentedConsumers(t *testing.T) {
	ringback := build(t)
	for _, d := range documentedConsumers {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			p := d.serve(t)
			p.refusesWhatIsNoToken(t)
			status, out, errs := ringback.run(t, "run", "forgeries", "--seed", "7", "--speed", "max", "--to", p.url()+"/events")
			if status != 0 {
				t.Errorf("forgeries: status %d\n%s%s", status, out, errs)
			}
			secret, _ := signature.ParseSecret(signature.DevelopmentSecret)
			next, _ := signature.ParseSecret(signature.DevelopmentNextSecret)
			target := emitter.Target{URL: p.url() + "/events", Secret: secret, NextSecret: next}
			state, err := ask.OverHTTP(&target, p.url()+"/calls/"+ask.Placeholder, 5*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			x := examine.Examination{
				Sending: transport.Options{Target: target, Timeout: 5 * time.Second}, State: state, Seed: 7,
				Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Budget: budget(t),
			}
			if d.forgets == nil || !d.forgets() {
				x.Sending.Kill, x.Sending.Listens = p.crash, p.listens
			}
			report, err := x.Run(t.Context())
			if report == nil {
				t.Fatal(err)
			}
			t.Logf("%d deliveries in %s, level %d, unreached %v, %v", report.Sent, report.Took.Round(time.Millisecond), report.Level(), report.Unreached, err)
			for _, f := range report.Findings {
				t.Errorf("%s: %s or %v; %d trials; %s; %q", f.Rule.ID, f.Text, f.Or, f.Trials, f.Trial, f.Details)
			}
			if len(report.Unknown) > 0 {
				t.Errorf("unknown members %v", report.Unknown)
			}
			for _, r := range report.Rules {
				if r.Verdict != examine.OK {
					t.Logf("%s: %s, %s", r.ID, r.Verdict, r.Why)
				}
			}
		})
	}
}
