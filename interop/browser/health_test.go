package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// What is retried is said in every view, with a link to it, until all was accepted.
func TestTheBadgeSaysWhatIsRetried(t *testing.T) {
	program := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0")
	var well atomic.Bool
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !well.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(consumer.Close)
	p := open(t, program.url+"/#/reference", 1280, 800)
	p.shows("Choose a subject")
	p.api("POST", "/subscriptions", `{"name":"my-consumer","url":"`+consumer.URL+`","events":["channel.alerted.v0"]}`)
	if eval[bool](p, `document.getElementById("health").checkVisibility()`) {
		t.Error("there is a badge though nothing fails")
	}
	p.api("POST", "/conversations", `{}`)
	p.until("what is retried is not said", `document.getElementById("health").innerText === "◷ 1 retrying"`)
	spoken := `document.getElementById("health-said")?.textContent === "Deliveries are retried."`
	p.until("screen readers are not told", spoken)
	p.run(`document.querySelector("#health a").focus()`)
	p.press("\r")
	p.until("the link does not lead to what is retried", `location.hash.includes("state=waiting") && document.querySelector("[aria-label=Deliveries] [role=row]")?.innerText.includes("my-consumer")`)
	p.do(chromedp.Reload())
	p.until("it is not said after a reload", `document.getElementById("health")?.innerText === "◷ 1 retrying"`)
	p.until("screen readers are not told after a reload", spoken)
	well.Store(true)
	p.until("it is said though all was accepted", `!document.getElementById("health").checkVisibility()`)
	p.until("screen readers are not told that all is well", `document.getElementById("health-said").textContent === "All consumers accept deliveries."`)
}

// Consumers that are down are counted and listed; who listens to the page hears of that once.
func TestTheBadgeListsWhatIsDown(t *testing.T) {
	source := axe(t)
	behind, err := url.Parse((&fake{live: 4, deliveries: 20}).serve(t))
	if err != nil {
		t.Fatal(err)
	}
	o := &overtaken{fake: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }}, events: make(chan string, 100)}
	server := httptest.NewServer(o)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	at := time.Now()
	one := object{"subscription_id": "sub1", "name": "my-consumer", "retrying": 0, "down": true, "since": at, "attempts": 7, "last": "503"}
	two := object{"subscription_id": "sub2", "name": strings.Repeat("a-long-name", 10), "retrying": 31_525, "down": true, "since": at, "attempts": 1, "last": "connection refused"}
	tell := func(retrying, down int, all ...object) {
		text, _ := json.Marshal(object{"retrying": retrying, "down": down, "subscriptions": append([]object{}, all...)})
		o.events <- fmt.Sprintf("event: failing\ndata: %s\n\n", text)
	}
	p := open(t, server.URL+"/#/deliveries", 1280, 800)
	tell(0, 1, one)
	since := `new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(` + fmt.Sprint(at.UnixMilli()) + `)`
	p.until("one that is down is not named", `document.getElementById("health").innerText === "✕ consumer down since " + `+since)
	p.until("the link does not lead to what failed", `document.querySelector("#health a").hash === "#/deliveries?target=sub1&state=failed"`)
	tell(31_525, 2, one, two)
	p.until("two are not counted", `document.querySelector("#health summary")?.innerText === "✕ 2 consumers down"`)
	p.until("screen readers hear of the second one", `document.getElementById("health-said").textContent.startsWith("2 consumers down")`)
	p.run(`window.heard = 0; new MutationObserver(() => window.heard++).observe(document.getElementById("health-said"), { childList: true, characterData: true, subtree: true })`)
	p.run(`document.querySelector("#health summary").focus()`)
	p.press("\r")
	p.until("Enter does not unfold the list", `document.querySelectorAll("#health li").length === 2 && document.querySelector("#health li").checkVisibility()`)
	for _, theme := range []string{"light", "dark"} {
		p.theme(theme)
		p.judge(source, "the badge, "+theme)
		p.shoot("badge-" + theme)
	}
	p.press("\t", "\t") // the second link
	two["attempts"] = 2
	tell(31_526, 2, one, two)
	p.until("the list does not follow, or loses the focus", `document.querySelector("#health details").open && document.querySelectorAll("#health li")[1].innerText.includes("2 failed attempts") &&
		document.activeElement === document.querySelectorAll("#health a")[1]`)
	if n := eval[int](p, "window.heard"); n != 0 {
		t.Errorf("screen readers are told %d times of what has only failed once more", n)
	}
	p.size(375, 740)
	if wide := eval[int64](p, "document.documentElement.scrollWidth"); wide > 375 {
		t.Errorf("with the list, the page is %d pixels wide", wide)
	}
	p.press("\x1b")
	p.until("Escape does not fold the list", `!document.querySelector("#health details").open && document.activeElement.matches("#health summary")`)
	tell(0, 0)
	p.until("the badge stays", `!document.getElementById("health").checkVisibility()`)
}
