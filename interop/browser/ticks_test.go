package browser

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// choosy refuses types for now.
type choosy struct {
	mu      sync.Mutex
	refuses []string
}

func (c *choosy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, kind := range c.refuses {
		if strings.Contains(string(body), `"type":"`+kind) {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}

func (c *choosy) refuse(types ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuses = types
}

// floor is a real sandbox, with two consumers, and a call that is on hold. Nobody gets the hold.
type floor struct {
	*page
	url, conversation string
	one, two          choosy
}

func openFloor(t *testing.T) *floor {
	t.Helper()
	program := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0")
	f := &floor{url: program.url}
	f.one.refuse("channel.alerted")
	f.two.refuse("channel.connected")
	f.page = open(t, program.url+"/#/reference", 1280, 800)
	f.shows("Choose a subject")
	for name, c := range map[string]*choosy{"one": &f.one, "two": &f.two} {
		server := httptest.NewServer(c)
		t.Cleanup(server.Close)
		f.api("POST", "/subscriptions", `{"name":"consumer-`+name+`","url":"`+server.URL+`","events":["channel.alerted.*","channel.connected.*"]}`)
	}
	var live struct{ ID string }
	text := eval[string](f.page, `fetch("/sandbox/v1/conversations", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).then((r) => r.text())`)
	if err := json.Unmarshal([]byte(text), &live); err != nil || live.ID == "" {
		t.Fatal(text, err)
	}
	f.conversation = live.ID
	f.step("ring", `{"agent":"alice"}`)
	f.step("answer", `{}`)
	f.step("hold", `{}`)
	return f
}

func (f *floor) step(word, body string) {
	f.t.Helper()
	f.api("POST", "/conversations/"+f.conversation+"/"+word, body)
}

// became waits until the newest tick of a type in the lane of the customer says what became of its deliveries.
func (f *floor) became(kind, want string) {
	f.t.Helper()
	f.until("the tick of "+kind+" does not say "+want, `[...document.querySelector(".lane")?.querySelectorAll(".tick") ?? []].filter((t) => t.getAttribute("aria-label").startsWith(`+quote(kind)+`)).at(-1)
		?.getAttribute("aria-label").endsWith(`+quote(": "+want)+`)`)
}

// A tick shows what became of its event's deliveries, the worst of several, and follows it; not by colour alone.
func TestATickShowsWhatBecameOfItsDeliveries(t *testing.T) {
	source := axe(t)
	f := openFloor(t)
	f.run(`location.hash = "#/conversations"`)
	f.became("alerted", "retrying")   // one consumer takes it
	f.became("connected", "retrying") // the other one
	f.became("held", "nobody got this")
	shapes := `[...document.querySelector(".lane").querySelectorAll(".tick path")].map((p) => p.getAttribute("d"))`
	if n := eval[int](f.page, `new Set(`+shapes+`).size`); n != 2 {
		t.Errorf("ticks have %d shapes, want one of what is retried and one of what nobody got", n)
	}
	f.run(`window.same = document.querySelector(".lane")`)
	f.one.refuse()
	f.became("alerted", "delivered")
	f.two.refuse()
	f.became("connected", "delivered")
	if !eval[bool](f.page, `window.same === document.querySelector(".lane")`) {
		t.Error("the lane was drawn anew for what only its ticks show")
	}
	if n := eval[int](f.page, `new Set([...document.querySelector(".lane").querySelectorAll(".tick path")].map((p) => getComputedStyle(p).fill)).size`); n != 2 {
		t.Errorf("ticks have %d colours, want that of what is delivered and none for what nobody got", n)
	}
	f.api("POST", "/faults", `{"kind":"drop","count":2}`)
	f.step("retrieve", `{}`)
	f.became("retrieved", "nobody got this")
	f.run(`const all = (await (await fetch("/sandbox/v1/subscriptions")).json()).subscriptions; for (const s of all) await fetch("/sandbox/v1/subscriptions/" + s.subscription_id, { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ events: ["*"] }) })`)
	f.step("hold", `{}`)
	f.became("held", "dropped")
	f.do(chromedp.Reload())
	f.became("held", "dropped")
	f.became("connected", "delivered")
	f.became("retrieved", "nobody got this")
	for _, theme := range []string{"light", "dark"} {
		f.theme(theme)
		f.judge(source, "lanes, "+theme)
		f.shoot("lanes-" + theme)
	}

	// Tab comes to one tick of a lane, and arrows to the others; a lane that is drawn anew keeps the focus.
	if n := eval[int](f.page, `document.querySelectorAll('.lane:first-child .tick[tabindex="0"], .lane .tick[tabindex="0"]').length - document.querySelectorAll(".lane").length`); n != 0 {
		t.Errorf("Tab comes to %+d ticks more than there are lanes", n)
	}
	f.run(`document.querySelector('.lane .tick[tabindex="0"]').focus()`)
	f.press(kb.ArrowLeft)
	label := `document.activeElement.getAttribute("aria-label")`
	f.until("the left arrow does not go to the event before", label+`?.startsWith("retrieved")`)
	f.step("retrieve", `{}`)
	f.became("retrieved", "delivered")
	f.until("the focus is lost when the lane is drawn anew", label+`?.startsWith("retrieved") && `+label+`.endsWith("nobody got this")`)
}
