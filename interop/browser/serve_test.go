package browser

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

// build compiles the program.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringback.exe") // Windows wants the suffix, no one else minds
	cmd := exec.Command("go", "build", "-o", path, "./cmd/ringback")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build ./cmd/ringback: %v\n%s", err, out)
	}
	return path
}

// program is a running ringback serve.
type program struct {
	url string
	cmd *exec.Cmd
}

// serve starts the program for the rest of the test, with its state in a folder.
func serve(t *testing.T, path, folder, listen string) *program {
	t.Helper()
	cmd := exec.Command(path, "serve", "--data", folder, "--listen", listen, "--speed", "20")
	cmd.Dir = t.TempDir()
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	name, url, _ := strings.Cut(strings.TrimSpace(line), " ")
	if name != "console" {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Fatalf("first line of ringback serve = %q, want console and its URL\n%s", line, &log)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the program
	p := &program{strings.TrimSuffix(strings.TrimSpace(url), "/"), cmd}
	t.Cleanup(p.kill)
	return p
}

// kill ends the program as a crash would, once.
func (p *program) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// consumer verifies what comes, and fails on request.
type consumer struct {
	*httptest.Server
	mu     sync.Mutex
	secret signature.Secret
	failed map[string]int // requests by type that were answered with 500
	taken  map[string]int // by type, verified
	wrong  int            // with a signature of another key
	fails  string         // a type that is answered with 500 the first time
}

func consume(t *testing.T) *consumer {
	t.Helper()
	c := &consumer{failed: map[string]int{}, taken: map[string]int{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *consumer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	_, kind, _ := strings.Cut(string(body), `"type":"`)
	kind, _, _ = strings.Cut(kind, `"`)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := signature.Verify(c.secret, r.Header.Get("Vonage-Signature"), body, time.Now()); err != nil {
		c.wrong++
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	if strings.HasPrefix(kind, c.fails) && c.fails != "" && c.failed[kind] == 0 {
		c.failed[kind]++
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	}
	c.taken[kind]++
	w.WriteHeader(http.StatusNoContent)
}

// set changes what the consumer knows.
func (c *consumer) set(t *testing.T, secret, fails string) {
	t.Helper()
	s, err := signature.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secret, c.fails = s, fails
}

// got says how often a type was taken, and how many signatures were wrong.
func (c *consumer) got(kind string) (taken, wrong int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken[kind], c.wrong
}

func TestADayAtTheDesk(t *testing.T) {
	path, folder := build(t), filepath.Join(t.TempDir(), "state") // which serve makes for its owner alone
	program, consumer := serve(t, path, folder, "127.0.0.1:0"), consume(t)
	p := open(t, program.url, 1280, 800)
	p.shows("Nobody is talking.")

	secret := subscribe(p, consumer.URL+"/events")
	consumer.set(t, secret, "channel.held")

	// Act by hand: the consumer fails once on the hold, and takes the retry.
	p.click("Floor")
	p.click("Begin")
	p.click("Ring")
	p.click("Answer")
	p.click("Hold")
	p.until("there is no bar for the hold", `!!document.querySelector(".lane rect.p-held")`)
	width := eval[float64](p, `Number(document.querySelector("rect[data-open]").getAttribute("width"))`)
	p.until("the bar does not grow", fmt.Sprintf(`[...document.querySelectorAll("rect[data-open]")].some((r) => Number(r.getAttribute("width")) > %f + 5)`, width))
	p.click("Deliveries")
	p.until("the retry is not seen to succeed", `[...document.querySelectorAll(".grid [role=row]")].some((r) => r.innerText.includes("held") && r.innerText.includes("delivered") && r.children[6].textContent === "2")`)
	if taken, _ := consumer.got("channel.held.v0"); taken != 1 {
		t.Errorf("the consumer took the hold %d times, want once", taken)
	}
	p.run(`[...document.querySelectorAll(".grid [role=row]")].find((r) => r.innerText.includes("held")).click()`)
	p.click("✕ Attempt 1")
	p.shows("out of order")
	p.shows("payload_hash")
	p.shoot("serve-deliveries")
	p.click("Send as duplicate")
	p.until("no duplicate is delivered", `[...document.querySelectorAll(".grid [role=row]")].some((r) => r.innerText.includes("duplicate") && r.innerText.includes("delivered"))`)
	p.click("Send expired")
	p.until("the expired one is not refused", `[...document.querySelectorAll(".grid [role=row]")].some((r) => r.innerText.includes("expired") && r.innerText.includes("401"))`)
	p.click("Floor")
	p.click("Retrieve")
	p.until("there is no hold button again", `[...document.querySelectorAll("button")].some((b) => b.textContent.startsWith("Hold"))`)

	rotated := rotate(p)
	if rotated == secret {
		t.Error("the secret is as before")
	}
	consumer.set(t, rotated, "")
	_, wrong := consumer.got("")
	runStory(p)
	p.until("no conversation of a run is seen", `document.querySelectorAll(".conversation h3").length >= 2`)
	p.shoot("serve-floor")
	p.click("Deliveries")
	p.until("the run is not delivered", `[...document.querySelectorAll(".grid [role=row]")].filter((r) => r.innerText.includes("delivered")).length > 8`)
	if _, now := consumer.got(""); now > wrong {
		t.Errorf("%d more were signed with another key than the new one", now-wrong)
	}

	// The server goes, and comes back where it was.
	address := strings.TrimPrefix(program.url, "http://")
	program.kill()
	p.shows("The server is gone")
	serve(t, path, folder, address)
	p.until("the page does not come back", `document.getElementById("gone").hidden`)
	p.click("Subscriptions")
	p.shows(consumer.URL)
}

// subscribe creates a subscription and returns the secret that the page shows once.
func subscribe(p *page, url string) string {
	p.t.Helper()
	p.click("Subscriptions")
	p.shows("Nobody is subscribed.")
	p.click("New subscription")
	p.fill("Name", "ab")
	p.click("Create")
	p.until("a name of two letters is taken", `!!document.querySelector("dialog[open]")`)
	p.fill("Name", "my-consumer")
	p.fill("URL", url)
	p.click("Create")
	secret := shown(p)
	p.click("Test reachability")
	p.shows("✓ reached")
	p.click("Try it")
	p.until("the code does not have the secret", `document.querySelector("pre.code")?.textContent.includes(`+quote(secret)+`)`)
	return secret
}

func rotate(p *page) string {
	p.t.Helper()
	p.click("Subscriptions")
	p.click("Rotate key")
	p.click("Rotate")
	return shown(p)
}

// shown is the secret of the dialog, which it closes.
func shown(p *page) string {
	p.t.Helper()
	p.until("no secret is shown", `!!document.querySelector("dialog[open] output")`)
	secret := eval[string](p, `document.querySelector("dialog[open] output").value`)
	p.click("Done")
	p.until("the secret stays", `!document.body.innerText.includes(`+quote(secret)+`)`)
	return secret
}

// runStory finds a story, breaks it, mends it and runs it.
func runStory(p *page) {
	p.t.Helper()
	p.click("Scenarios")
	p.fill("Filter", "inbound-call-with-hold")
	p.click("inbound-call-with-hold")
	p.shows("✓ valid")
	p.until("the timeline is not drawn", `document.querySelectorAll(".play rect").length > 4`)
	text := eval[string](p, `document.getElementById("yaml").value`)
	edit := func(text string) {
		p.run(`const y = document.getElementById("yaml"); y.value = ` + quote(text) + `; y.dispatchEvent(new Event("input"))`)
	}
	edit(strings.Replace(text, "- hold: 30s", "- hodl: 30s", 1))
	p.shows("1 fault")
	p.click("Line")
	if got := eval[string](p, `document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionStart + 4)`); got != "hodl" {
		p.t.Errorf("the fault leads to %q, want hodl", got)
	}
	p.click("Run")
	p.shows("⚠")
	edit(text)
	p.shows("✓ valid")
	p.fill("Speed", "20")
	p.click("Run")
	p.shows("Watch it on the floor.")
	p.click("Floor")
}
