package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience bounds every wait for something to be seen.
const patience = 2 * time.Minute

// page is a tab of a browser.
type page struct {
	t   *testing.T
	ctx context.Context
	url string
}

// browsers are where a browser may be found.
func browsers() []string {
	return []string{"chromium", "chromium-browser", "google-chrome", "chrome", "headless-shell"}
}

// open starts a browser and goes to url. The test is skipped where there is none, unless
// RINGBACK_REQUIRE, a list of tools separated by commas, names browser: then it fails. It fails, too, if the
// page reports an error.
func open(t *testing.T, url string, width, height int64) *page {
	t.Helper()
	path := ""
	for _, name := range browsers() {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if strings.Contains(os.Getenv("RINGBACK_REQUIRE"), "browser") {
			t.Fatalf("RINGBACK_REQUIRE asks for a browser, but there is none of %q", browsers())
		}
		t.Skipf("there is no browser of %q", browsers())
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("lang", "en-GB"), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which Chromium has no right to as root
	}
	ctx, cancelBrowser := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	p := &page{t, ctx, url}
	heard := p.hear()
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // and waits until its files are no longer in use
		cancel()
		cancelBrowser()
		for _, line := range <-heard {
			t.Error(line)
		}
	})
	p.size(width, height)
	p.do(chromedp.Navigate(url))
	return p
}

// hear collects the errors that the page reports, such as what its policy forbids, until it is closed.
func (p *page) hear() <-chan []string {
	messages, heard := chromedp.Console(p.ctx), make(chan []string, 1)
	go func() {
		var all []string
		for m, err := range messages {
			if err != nil {
				break
			}
			// Answers other than 2xx, and a server that is gone, are for the page to deal with.
			if m.IsException() || m.Type == chromedp.ConsoleError && m.Source != "network" {
				all = append(all, "the page reports: "+m.String()+" "+m.URL)
			}
		}
		heard <- all
	}()
	return heard
}

// size makes the window another size.
func (p *page) size(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
}

// theme makes light or dark what the system prefers.
func (p *page) theme(name string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	}))
}

// do takes actions, each of which may take as long as patience.
func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	for _, a := range actions {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		err := chromedp.Do(ctx, a)
		cancel()
		if err != nil {
			p.fail(err.Error())
		}
	}
}

// fail ends the test and leaves a picture.
func (p *page) fail(why string) {
	p.t.Helper()
	p.shoot("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	p.t.Fatalf("%s; the page shows\n%s", why, text)
}

// run runs a script for what it does.
func (p *page) run(script string) {
	p.t.Helper()
	eval[int](p, "(async () => {"+script+"; return 0})()")
}

// eval runs a script and returns what it says.
func eval[T any](p *page, script string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.fail(err.Error())
	}
	return v
}

// until waits until a script is true.
func (p *page) until(what, script string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](script, chromedp.WithPollingInterval(30*time.Millisecond), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		p.fail(what + ": " + err.Error())
	}
}

// shows waits for a text.
func (p *page) shows(text string) {
	p.t.Helper()
	p.until("the page does not show "+text, `document.body.innerText.includes(`+quote(text)+`)`)
}

func quote(text string) string { return "`" + text + "`" }

// click clicks the first visible button, link or tab with a text or label, or, where there is none, whose text or label begins so.
func (p *page) click(label string) {
	p.t.Helper()
	find := `((all) => all.find((b) => b.getAttribute("aria-label") === ` + quote(label) + ` || b.textContent.trim() === ` + quote(label) + `) ??
		all.find((b) => (b.getAttribute("aria-label") ?? "").startsWith(` + quote(label) + `) || b.textContent.trim().startsWith(` + quote(label) + `)))(
		[...(document.querySelector("dialog[open]") ?? document).querySelectorAll("button, a, summary")].filter((b) => b.checkVisibility()))`
	// The page may draw it anew at any moment: it is found and clicked at once.
	p.until("there is no button "+label, "((b) => { b?.click(); return !!b })("+find+")")
}

// press types keys where the focus is, as a keyboard does: what a page prevents when a key goes down
// types no letter.
func (p *page) press(keys ...string) {
	p.t.Helper()
	for _, r := range strings.Join(keys, "") {
		strokes := kb.Encode(r)
		for i, k := range strokes {
			if k.Type == kb.KeyChar {
				continue // it goes with the key that is down
			}
			if i+1 < len(strokes) && strokes[i+1].Type == kb.KeyChar {
				k.Type, k.Text, k.UnmodifiedText = kb.KeyDown, strokes[i+1].Text, strokes[i+1].UnmodifiedText
			}
			p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *k)
				return err
			}))
		}
	}
}

// fill puts text into the field with a label, as typing would.
func (p *page) fill(label, text string) {
	p.t.Helper()
	find := `[...(document.querySelector("dialog[open]") ?? document).querySelectorAll("label")].find((l) => l.textContent === ` + quote(label) + `)`
	p.until("there is no field "+label, "!!"+find)
	p.run(`
		const field = document.getElementById(` + find + `.htmlFor);
		field.value = ` + quote(text) + `;
		field.dispatchEvent(new Event("input", { bubbles: true }));
		field.dispatchEvent(new Event("change", { bubbles: true }))`)
}

// shoot keeps a picture for whoever maintains the page.
func (p *page) shoot(name string) []byte {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Logf("no picture: %v", err)
		return nil
	}
	path := filepath.Join("testdata", "screenshots", name+".png")
	if err = os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err = os.WriteFile(path, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
	return png
}
