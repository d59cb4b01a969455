package browser

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// What is filtered and opened stands in the address: a reload, Back, Forward and a copied link show the same.
func TestTheAddressIsTheState(t *testing.T) {
	path, folder := build(t), filepath.Join(t.TempDir(), "state")
	program, consumer := serve(t, path, folder, "127.0.0.1:0"), consume(t)
	p := open(t, program.url, 1280, 800)
	consumer.set(t, subscribe(p, consumer.URL+"/events"), "")
	p.run(`await fetch("/sandbox/v1/runs", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ scenario: "inbound-call-with-hold", speed: 1000, options: { count: 3 } }) })`)
	p.click("Deliveries")
	const number = 11 // notifications of a conversation
	rows := func(want int) {
		t.Helper()
		p.until("there are other deliveries", `document.querySelectorAll(".grid [role=row]").length === `+strconv.Itoa(want))
	}
	hash := func(want string) {
		t.Helper()
		p.until("the address is not "+want, `decodeURIComponent(location.hash) === `+quote(want))
	}
	p.until("the runs are not delivered", `document.querySelector(".count")?.textContent === "33 deliveries"`)
	p.fill("Type", "channel.held.*")
	rows(3)
	hash("#/deliveries?type=channel.held.*")
	p.fill("State", "failed")
	p.shows("No delivery matches the filter.")
	hash("#/deliveries?type=channel.held.*&state=failed")
	p.fill("State", "delivered")
	rows(3)
	p.run(`document.querySelector(".grid [role=row]").click()`)
	p.shows("what is known of it")
	opened := eval[string](p, `location.hash`)
	if !strings.HasPrefix(opened, "#/deliveries/") || !strings.HasSuffix(opened, "?type=channel.held.*&state=delivered") {
		t.Errorf("the address of an open delivery is %s", opened)
	}
	same := func(how string) {
		t.Helper()
		rows(3)
		p.until(how+" does not show the delivery", `!document.querySelector(".pane")?.hidden && document.querySelector(".pane")?.innerText.includes("channel.held.v0")`)
		p.until(how+" shows another filter", `[...document.querySelectorAll(".bar-top select")].some((s) => s.value === "delivered") && document.querySelector(".bar-top input[size='16']")?.value === "channel.held.*"`)
		p.until(how+" shows the target's ID", `document.querySelector(".pane .facts")?.innerText.includes("my-consumer")`)
	}
	p.run(`history.back()`)
	p.until("Back does not close the delivery that was opened here", `document.querySelector(".pane").hidden`)
	rows(3)
	p.run(`history.forward()`)
	same("Forward")
	p.do(chromedp.Reload())
	same("a reload")
	p.run(`history.back()`)
	p.until("Back does not close the delivery", `document.querySelector(".pane")?.hidden`)
	rows(3)
	p.run(`history.back()`)
	p.shows("No delivery matches the filter.")
	p.run(`history.go(2)`)
	same("Forward")
	p.click("Conversations")
	p.run(`history.back()`)
	same("Back from another view")
	other := open(t, program.url+"/"+opened, 1280, 800)
	p, other = other, p
	same("a copied link")
	p = other

	// A conversation and a run are chosen by links, and given up by a click.
	p.click("Close the delivery")
	hash("#/deliveries?type=channel.held.*&state=delivered")
	conversation := eval[string](p, `fetch("/sandbox/v1/deliveries?type=channel.held.*&limit=1").then((r) => r.json()).then((a) => a.deliveries[0].notification_detail.conversation_id)`)
	run := eval[string](p, `fetch("/sandbox/v1/runs").then((r) => r.json()).then((a) => a.runs[0].id)`)
	p.run(`location.hash = "#/deliveries?conversation=` + conversation + `&run=` + run + `"`)
	rows(number)
	p.click("Remove the filter conversation")
	p.until("one conversation is shown still", `document.querySelectorAll(".grid [role=row]").length > `+strconv.Itoa(number))
	hash("#/deliveries?run=" + run)

	// Filters of the other views.
	p.run(`location.hash = "#/scenarios?q=callback"`)
	p.until("the filter of the library is not that of the address", `((n) => n > 0 && n < 9)(document.querySelectorAll(".names a").length) && document.querySelector("[data-filter]")?.value === "callback"`)
	p.run(`document.querySelector(".names a").click()`)
	p.until("the filter is lost with a choice", `location.hash.endsWith("?q=callback") && document.querySelector("[data-filter]")?.value === "callback" && !!document.getElementById("yaml")`)
	p.run(`location.hash = "#/tryit?code=python"`)
	p.until("the language is not that of the address", `document.querySelector("[role=tab][aria-selected=true]")?.textContent.includes("Python")`)
	p.run(`location.hash = "#/conversations?q=nobody"`)
	p.until("the filter of the conversations is not that of the address", `document.querySelector("[data-filter]")?.value === "nobody"`)
	p.run(`location.hash = "#/deliveries?target=deleted&type=channel.held.*"`)
	p.shows("deleted (unknown)")
	p.click("Deliveries")
	p.until("the menu does not show all", `document.querySelectorAll(".grid [role=row]").length > 3 && document.querySelector("[data-filter]").value === ""`)
	p.run(`location.hash = "#/__proto__"`)
	p.shows("Live conversations")
	p.run(`location.hash = "#/%E0%A4%A"`) // no UTF-8: an error of the page fails the test
	p.shows("Live conversations")
}

// A server that is gone just when a view is opened leaves no page that is stuck.
func TestAViewThatCouldNotBeLoadedComesBack(t *testing.T) {
	path, folder := build(t), filepath.Join(t.TempDir(), "state")
	program := serve(t, path, folder, "127.0.0.1:0")
	p := open(t, program.url, 1280, 800)
	p.shows("No live conversations.")
	p.click("Deliveries")
	p.shows("Nothing sent yet.")
	program.kill()
	p.click("Conversations")
	p.shows("Live conversations")
	p.until("a number is shown that nobody knows", `!document.body.innerText.includes("NaN") && !document.body.innerText.includes("No live conversations.")`)
	p.click("Reference")
	p.shows("could not be loaded")
	p.click("Subscriptions")
	p.shows("Subscriptions could not be loaded")
	serve(t, path, folder, strings.TrimPrefix(program.url, "http://"))
	p.reloads(`document.body.innerText.includes("No subscriptions.")`)
	p.click("Reference")
	p.shows("Choose a subject.")
}

// reloads waits until a script is true of a page that loads itself anew meanwhile.
func (p *page) reloads(script string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script))
		switch {
		case err == nil && is:
			return
		case ctx.Err() != nil:
			p.fail("after it was loaded anew, the page is not as it should be")
		}
	}
}
