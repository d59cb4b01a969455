package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// api calls the control API from the page, and returns the answer as JSON.
func (p *page) api(method, path, body string) {
	p.t.Helper()
	p.run(`const r = await fetch("/sandbox/v1` + path + `", { method: "` + method + `", headers: { "Content-Type": "application/json" }, body: ` + quote(body) + ` });
		if (!r.ok) throw new Error(await r.text())`)
}

// Everything that is wrong with a subscription is said at its field, and what the page advises depends on what is there.
func TestASubscriptionThatIsWrongAndOneThatIsDisabled(t *testing.T) {
	program, consumer := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0"), consume(t)
	p := open(t, program.url, 1280, 800)
	p.shows("subscribe a consumer")
	p.click("Subscriptions")
	p.shows("No subscriptions.")
	p.click("New subscription")
	p.fill("URL", "ftp://consumer")
	p.fill("Events", "chanel.*")
	p.fill("Secret (Base64)", "!!")
	p.click("Create")
	p.shows("3 fields need another value.")
	for _, text := range []string{"url must be", `did you mean "channel.*"?`, "secret has no Base64"} {
		p.until("it is not said of its field: "+text, `[...document.querySelectorAll("dialog [aria-invalid=true]")].some((f) => document.getElementById(f.getAttribute("aria-errormessage")).innerText.includes(`+quote(text)+`))`)
	}
	if focused := eval[string](p, `document.activeElement.value`); focused != "ftp://consumer" {
		t.Errorf("the focus is at %q, want the first field that is wrong", focused)
	}
	long := strings.Repeat("W", 100) + "\u05d0\u05d1\u202eend"
	p.fill("Name", long)
	p.fill("URL", consumer.URL)
	p.fill("Events", "*")
	p.fill("Secret (Base64)", "")
	p.click("Create")
	shown(p)
	p.shows(`\\u202eend`)
	p.size(375, 800)
	p.until("a long name makes the page wider than the screen", `document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll(".card")].every((c) => c.scrollWidth <= c.clientWidth)`)
	p.run(`location.hash = "#/deliveries"`)
	p.until("a long name makes the filter wider than the screen", `document.querySelectorAll("option").length > 8 && [...document.querySelectorAll(".bar-top select")].every((s) => s.getBoundingClientRect().right <= innerWidth)`)
	p.run(`location.hash = "#/subscriptions"`)
	p.size(1280, 800)
	p.click("Delete")
	p.until("a long name makes the dialog scroll sideways", `((d) => d && d.scrollWidth <= d.clientWidth)(document.querySelector("dialog[open]"))`)
	p.click("Cancel")
	p.click("Disable")
	p.shows("disabled")
	p.click("Deliveries")
	p.shows("First enable your subscription")
	p.click("Conversations")
	p.shows("enable your subscription first")
	p.api("POST", "/conversations", `{}`)
	p.shows("Nobody is subscribed: what happens here is sent to nobody. Enable a subscription.")
	p.click("Subscriptions")
	p.shows("○ disabled") // else the link to this view would be clicked, which begins with the same word
	p.click("Enable")
	p.shows("● enabled")
	p.click("Deliveries")
	p.shows("Run a scenario or start a conversation.")
	p.click("Conversations")
	p.until("somebody is subscribed, and is told that nobody is", `document.querySelectorAll(".conversation").length === 1 && document.querySelector(".nobody").hidden`)
}

// What leaves the filter leaves the list, a filter without a hit says so, and what was stopped is called stopped.
func TestFiltersAndStoppedRuns(t *testing.T) {
	down := make(chan struct{}) // closed when the consumer takes what comes
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-down:
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer consumer.Close()
	program := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0")
	p := open(t, program.url+"/#/deliveries?state=waiting", 1280, 800)
	p.shows("No delivery matches the filter.")
	p.api("POST", "/subscriptions", `{"name": "one", "url": "`+consumer.URL+`", "events": ["*"]}`)
	p.api("POST", "/conversations", `{}`)
	p.until("what waits is not shown", `document.querySelectorAll(".grid [role=row]").length === 2`) // which no attempt was made of, at first
	close(down)
	p.until("what was delivered stays among what waits", `document.querySelectorAll(".grid [role=row]").length === 0`)
	p.shows("No delivery matches the filter.")

	p.click("Conversations")
	p.shows("1 live")
	p.fill("Filter", "nobody")
	p.shows("No conversation matches the filter.")
	p.fill("Filter", "")
	p.api("POST", "/runs", `{"scenario": "inbound-call-with-hold", "speed": 0.5}`)
	p.until("no conversation of the run is shown", `document.querySelectorAll(".conversation").length === 2`)
	p.click("Stop inbound-call-with-hold")
	p.until("what was stopped is called otherwise", `[...document.querySelectorAll(".conversation.over")].some((c) => c.querySelector(".elapsed").innerText === "stopped" && [...c.querySelectorAll(".phase")].every((s) => s.innerText.trim() === "stopped"))`)
}

// Whoever switches views while they load is told of no error.
func TestViewsThatAreLeftAreNoErrors(t *testing.T) {
	p := open(t, (&fake{live: 50, deliveries: 1000}).serve(t), 1280, 800)
	p.until("no conversation is shown", `document.querySelectorAll(".conversation").length > 0`)
	p.run(`
		window.notes = [];
		new MutationObserver(() => window.notes.push(document.getElementById("notes").innerText)).observe(document.getElementById("notes"), { childList: true });
		for (let i = 0; i < 60; i++) {
			location.hash = "#/" + ["deliveries", "scenarios", "subscriptions", "reference", "tryit", "conversations"][i % 6];
			await new Promise((r) => setTimeout(r, i % 7));
		}`)
	p.click("Subscriptions")
	p.until("the last view is not shown", `document.querySelectorAll(".card").length > 0`)
	if notes := eval[[]string](p, `window.notes`); len(notes) > 0 {
		t.Errorf("notes: %q", notes)
	}
}

// Nothing that is there moves when more comes, and bars stand still for whoever wants that.
func TestNothingMovesThatNeedNot(t *testing.T) {
	p := open(t, (&fake{}).serve(t), 1280, 800)
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	}))
	p.do(chromedp.Navigate((&fake{live: 5}).serve(t)))
	p.until("no conversation is shown", `document.querySelectorAll(".conversation").length === 5`)
	shift := eval[float64](p, `new Promise((r) => new PerformanceObserver((l) => r(l.getEntries().reduce((sum, e) => sum + e.value, 0))).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => r(0), 500))`)
	if shift > 0.01 {
		t.Errorf("the layout shifts by %.3f, want at most 0.01", shift)
	}
	moves := eval[int](p, `new Promise((r) => {
		let moves = 0;
		new MutationObserver((l) => { moves += l.length }).observe(document.querySelector(".conversation-list"), { subtree: true, attributes: true, attributeFilter: ["width"] });
		setTimeout(() => r(moves), 1500) })`)
	if bars := eval[int](p, `document.querySelectorAll("rect[data-open]").length`); bars == 0 || moves > bars {
		t.Errorf("%d open bars moved %d times in 1.5 s, want at most once each", bars, moves)
	}
}

// The floor counts what the server counts, and agents who take part in runs are not free.
func TestTheFloorIsThatOfTheServer(t *testing.T) {
	p := open(t, (&fake{live: 1400}).serve(t), 1280, 800)
	p.shows("1,400 live")
	p.until("an agent of runs is free", `[...document.querySelectorAll(".agents li")].some((li) => li.innerText.includes("bob") && li.innerText.includes("in a run (2 conversations of runs)"))`)
	p.until("an agent of none is not", `[...document.querySelectorAll(".agents li")].some((li) => li.innerText.includes("○ free"))`)
}

// tab opens another tab of the same browser.
func (p *page) tab(url string) *page {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx)
	p.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // with the context that the tab lives in
		p.t.Fatal(err)
	}
	other := &page{p.t, ctx, url}
	other.do(chromedp.Navigate(url))
	return other
}

// front makes the tab the one that is seen: the others paint nothing.
func (p *page) front() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdppage.BringToFront, cdp.Empty{})
		return err
	}))
}

// Eight tabs have one stream of events: a browser opens six connections to a server, and whoever needs a seventh would starve.
func TestManyTabsShareOneStream(t *testing.T) {
	program := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0")
	p := open(t, program.url, 1280, 800)
	tabs := []*page{p}
	for range 7 {
		tabs = append(tabs, p.tab(program.url))
	}
	for _, tab := range tabs {
		tab.front()
		tab.shows("No live conversations.")
	}
	p.api("POST", "/conversations", `{}`)
	for i, tab := range tabs {
		tab.front()
		tab.until(fmt.Sprintf("tab %d hears nothing", i+1), `document.querySelectorAll(".conversation").length === 1`)
	}
	tabs[7].click("Hang up")
	for i, tab := range tabs {
		tab.front()
		tab.until(fmt.Sprintf("tab %d does not hear of the end", i+1), `document.querySelectorAll(".conversation.over").length === 1`)
	}
}

// Without such workers each tab reads the events itself.
func TestATabAloneHearsTheEvents(t *testing.T) {
	program := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0")
	p := open(t, program.url+"/healthz", 1280, 800)
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: "delete window.SharedWorker"})
		return err
	}))
	p.do(chromedp.Navigate(program.url))
	p.shows("No live conversations.")
	if is := eval[bool](p, `"SharedWorker" in window`); is {
		t.Fatal("there are such workers")
	}
	p.api("POST", "/conversations", `{}`)
	p.until("it hears nothing", `document.querySelectorAll(".conversation").length === 1`)
	p.click("Hang up")
	p.until("it does not hear of the end", `document.querySelectorAll(".conversation.over").length === 1`)
}
