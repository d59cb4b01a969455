package browser

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// has waits for the total, and for as many rows, as far as they can be seen.
func (p *page) has(want int) {
	p.t.Helper()
	total := strconv.Itoa(want) + " deliveries"
	if want == 1 {
		total = "1 delivery"
	}
	p.until("there are other deliveries than "+total, `((rows) => rows === `+strconv.Itoa(want)+` || rows > 12 && rows < `+strconv.Itoa(want)+`)(document.querySelectorAll(".grid [role=row]").length) && document.querySelector(".count").textContent === `+quote(total))
}

// chips waits for the filters in force.
func (p *page) chips(want string) {
	p.t.Helper()
	p.until("the filters in force are not "+want, `[...document.querySelectorAll(".tags .tag")].map((t) => t.title).join(" | ") === `+quote(want))
}

// A delivery is found by what somebody has at hand, and a link shows the same to somebody else.
func TestADeliveryIsFound(t *testing.T) {
	source := axe(t)
	program, consumer := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0"), consume(t)
	p := open(t, program.url, 1280, 800)
	consumer.set(t, subscribe(p, consumer.URL+"/events"), "channel.held")
	p.api("POST", "/runs", `{"scenario":"inbound-call-with-hold","speed":1000,"options":{"count":2,"versions":"v0"}}`)
	const all = 22
	p.click("Deliveries")
	p.has(all)

	// By party, an identifier's beginning, the answer, and several of these.
	parties := eval[int](p, `fetch("/sandbox/v1/deliveries").then((r) => r.json()).then((a) => a.deliveries.filter((d) => d.notification_detail.party === "customer").length)`)
	p.fill("Search", "party:CUST")
	p.has(parties)
	p.chips("party:CUST")
	conversation := eval[string](p, `fetch("/sandbox/v1/deliveries?limit=1").then((r) => r.json()).then((a) => a.deliveries[0].notification_detail.conversation_id)`)
	p.fill("Search", "id:"+conversation[:8])
	p.has(all / 2)
	p.fill("Search", `said:"out of order" held`)
	p.has(1)
	p.chips(`said:"out of order" | held`)
	p.judge(source, "a search")
	p.size(375, 740)
	p.judge(source, "a search on a phone")
	if wide := eval[int](p, "document.documentElement.scrollWidth"); wide > 375 {
		t.Errorf("the page is %d pixels wide", wide)
	}
	p.size(1280, 800)

	// A copied link shows the same.
	link := eval[string](p, "location.href")
	other := p.tab(link)
	other.front()
	other.has(1)
	other.chips(`said:"out of order" | held`)
	p.front()

	// A part of it is taken away by a click, or by a key.
	p.click("Remove the filter said:")
	p.chips("held")
	p.has(2)
	p.run(`document.querySelector(".tags .tag").focus()`)
	p.press(kb.Delete)
	p.chips("")
	p.has(all)
	p.until("the focus is lost with the last filter", `document.activeElement === document.querySelector("[data-filter]")`)
	p.run(`history.back()`)
	p.has(2)
	p.run(`history.forward()`)
	p.has(all)

	// What is mistyped is explained, and what is not there is said.
	p.fill("Search", "agnt:1544")
	p.shows(`unknown field "agnt" (did you mean "agent"?)`)
	p.until("the box is not marked", `document.querySelector("[data-filter]").getAttribute("aria-invalid") === "true"`)
	p.judge(source, "a mistake in a search")
	p.fill("Search", "nobody")
	p.shows("No delivery matches the filter.")
	p.until("the mistake is told still, or another total", `document.querySelector(".mistake").hidden && document.querySelector(".count").textContent === "0 deliveries"`)
	p.click("Clear the filter")
	p.has(all)

	// What comes and matches, appears.
	p.fill("Search", "type:ended")
	before := eval[int](p, `fetch("/sandbox/v1/deliveries/count?search=type:ended").then((r) => r.json()).then((a) => a.total)`)
	p.has(before)
	p.api("POST", "/runs", `{"scenario":"inbound-call-with-hold","speed":1000,"options":{"versions":"v0"}}`)
	p.has(before * 3 / 2)
	p.click("Remove the filter type:ended")
	p.has(all * 3 / 2)
}

// Deliveries are chosen by their time, and the list begins at a moment.
func TestDeliveriesOfATime(t *testing.T) {
	program, consumer := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0"), consume(t)
	p := open(t, program.url, 1280, 800)
	consumer.set(t, subscribe(p, consumer.URL+"/events"), "")
	p.api("POST", "/runs", `{"scenario":"inbound-call-with-hold","speed":100,"options":{"count":2,"versions":"v0"}}`)
	const all = 22
	p.click("Deliveries")
	p.has(all)
	p.click("Time")
	p.click("Last 5 min")
	p.has(all)
	p.until("the address has no moment", `/[?&]from=20/.test(location.hash)`)
	p.click("Remove the filter From")
	p.until("the address has a moment", `!/from=/.test(location.hash)`)
	middle := eval[string](p, `fetch("/sandbox/v1/deliveries").then((r) => r.json()).then((a) => [...new Set(a.deliveries.map((d) => d.first))]).then((all) => all[all.length >> 1])`)
	p.run(`location.hash = "#/deliveries?until=" + encodeURIComponent(` + quote(middle) + `)`)
	older := eval[int](p, `fetch("/sandbox/v1/deliveries/count?until=" + encodeURIComponent(`+quote(middle)+`)).then((r) => r.json()).then((a) => a.total)`)
	if older == 0 || older == all {
		t.Fatalf("%d deliveries are older than one in the middle", older)
	}
	p.has(older)
	then := eval[int](p, `fetch("/sandbox/v1/deliveries?at=" + encodeURIComponent(`+quote(middle)+`)).then((r) => r.json()).then((a) => a.deliveries.length)`)
	if then <= older || then == all {
		t.Fatalf("%d deliveries are of its moment, or older; %d are older", then, older)
	}
	p.run(`location.hash = "#/deliveries?at=" + encodeURIComponent(` + quote(middle) + `)`)
	p.until("the list does not begin at the moment", `document.querySelector(".sizer").offsetHeight === `+strconv.Itoa(30*then)+` && document.querySelector(".count").textContent === "22 deliveries"`)
	p.click("Remove the filter Go to")
	p.has(all)
	p.fill("From", "2100-01-01T00:00:00")
	p.shows("No delivery matches the filter.")
	p.fill("Until", "2099-01-01T00:00:00")
	p.shows("until: want a moment after from")
	p.click("Remove the filter From")
	p.has(all)
}
