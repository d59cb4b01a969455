package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused is the label of what has the focus.
const focused = `(document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText)`

// An event of a lane is inspected beside it, by keyboard alone; the address has what is inspected.
func TestAnEventIsInspectedBesideItsLane(t *testing.T) {
	source := axe(t)
	f := openFloor(t)
	f.run(`location.hash = "#/conversations"`)
	f.became("connected", "retrying")
	f.became("held", "nobody got this")

	// What nobody got says why.
	f.run(`document.querySelector('.lane .tick[tabindex="0"]').focus()`)
	f.press("\r")
	f.shows("no subscription that was enabled took this type")
	f.until("the heading does not have the focus", focused+` === "channel.held.v0"`)
	f.until("the address does not say what is open", `location.hash.startsWith("#/conversations/`+f.conversation+`/n")`)
	f.until("the tick does not say that it is open", `document.querySelectorAll('.tick[aria-expanded="true"]').length === 1`)
	f.judge(source, "what nobody got")
	f.press("\x1b")
	f.until("Escape does not close it, or the tick does not get the focus", `document.querySelector(".pane").hidden && `+focused+`.startsWith("held") && location.hash === "#/conversations"`)

	// They are counted in the lane, and the deliveries of the conversation link to them.
	f.until("what nobody got is not counted", `document.querySelector(".conversation .unheard").innerText === "○ 1 event nobody got"`)
	f.run(`location.hash = "#/deliveries?conversation=` + f.conversation + `"`)
	f.shows("1 event of this conversation nobody got: ")
	f.run(`[...document.querySelectorAll(".nobody a")].find((a) => a.innerText === "held v0").click()`)
	f.shows("no subscription that was enabled took this type")
	f.press("\x1b")
	f.until("Escape does not lead back to the tick", focused+`.startsWith("held")`)

	// Of several deliveries the worst one is opened, with links to the others.
	f.press(kb.ArrowLeft, "\r")
	f.until("the delivery that is retried is not shown", `document.querySelector(".pane .facts")?.innerText.includes("◷ waiting, 503") && document.querySelector(".pane .facts").innerText.includes("consumer-one: ✓ delivered")`)
	opened := eval[string](f.page, "location.hash")
	same := func(how string) {
		t.Helper()
		f.until(how+" shows something else", `location.hash === "`+opened+`" && !!document.querySelector(".pane:not([hidden])")?.innerText.includes("channel.connected.v0") && !!document.querySelector('.tick[aria-expanded="true"]')?.getAttribute("aria-label").startsWith("connected")`)
	}
	same("Enter")
	for _, theme := range []string{"light", "dark"} {
		f.theme(theme)
		f.judge(source, "the inspector, "+theme)
		f.shoot("inspector-" + theme)
	}
	f.do(chromedp.Reload())
	same("a reload")
	f.run(`history.back()`)
	f.until("Back does not close it", `document.querySelector(".pane")?.hidden === true`)
	f.run(`history.forward()`)
	same("Forward")
	f.click("consumer-one: ✓ delivered")
	f.until("the other delivery is not shown", `location.hash !== "`+opened+`" && document.querySelector(".pane .facts")?.innerText.includes("✓ delivered, 200")`)
	f.until("it has no link back to the one that is retried", `document.querySelector(".pane .facts").innerText.includes("consumer-two: ◷ retrying")`)
	f.run(`history.back()`)
	same("Back")

	// The inspector follows its delivery, and the tick, too.
	f.two.refuse()
	f.until("the inspector does not follow", `document.querySelector(".pane .facts")?.innerText.includes("✓ delivered, 200")`)
	f.became("connected", "delivered")
	same("what has changed")

	// The list of deliveries and the lane link to each other.
	f.click("Deliveries of conversation")
	f.until("the list does not show the same delivery", `location.hash.startsWith("#/deliveries/") && location.hash.includes("conversation=`+f.conversation+`") && !!document.querySelector(".pane:not([hidden])")?.innerText.includes("channel.connected.v0")`)
	f.click("show in its lane")
	same("the link to the lane")

	// A click beside a thin tick means it; one that is far from all of them means nothing.
	f.press("\x1b")
	f.until("it is not closed", `document.querySelector(".pane").hidden`)
	f.clickBeside("60")
	if hash := eval[string](f.page, "location.hash"); hash != "#/conversations" {
		t.Errorf("a click far from all ticks opens %s", hash)
	}
	f.clickBeside("5")
	f.shows("no subscription that was enabled took this type")

	// Of a conversation that is gone, the deliveries remain.
	number := opened[strings.LastIndex(opened, "/")+1:]
	f.run(`location.hash = "#/conversations/00000000-0000-4000-8000-000000000000/` + number + `"`)
	f.shows("No lane is shown of conversation 00000000. It has ended")
	f.until("its delivery is not shown", `!!document.querySelector(".pane:not([hidden])")?.innerText.includes("channel.connected.v0")`)
	f.run(`location.hash = "#/conversations/` + f.conversation + `/99999?q=nobody"`)
	f.shows("It is not known any more")
}

// clickBeside clicks some pixels to the right of the newest event of the first lane, which is found and clicked at once: it may move.
func (f *floor) clickBeside(pixels string) {
	f.t.Helper()
	f.run(`
		const lane = document.querySelector(".lane"), box = [...lane.querySelectorAll(".tick")].at(-1).getBoundingClientRect();
		lane.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: box.x + box.width / 2 + ` + pixels + ` }))`)
}
