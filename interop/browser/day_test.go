package browser

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestADayAtTheConsole(t *testing.T) {
	path, folder := build(t), filepath.Join(t.TempDir(), "state") // which serve makes for its owner alone
	program, consumer := serve(t, path, folder, "127.0.0.1:0"), consume(t)
	p := open(t, program.url, 1280, 800)
	p.shows("No live conversations.")

	secret := subscribe(p, consumer.URL+"/events")
	consumer.set(t, secret, "channel.held")

	// Act by hand: the consumer fails once on the hold, and takes the retry.
	p.click("Conversations")
	p.click("Start")
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
	p.click("Attempt 1,")
	p.shows("out of order")
	p.shows("payload_hash")
	p.shoot("serve-deliveries")
	p.run(`document.querySelector("[data-do=resend]").click()`)
	p.until("it is not delivered again", `[...document.querySelectorAll(".grid [role=row]")].some((r) => r.innerText.includes("delivered (resend)"))`)
	p.click("Send expired")
	p.until("the expired one is not correctly refused", `[...document.querySelectorAll(".grid [role=row].state-good")].some((r) => r.innerText.includes("correctly refused (expired)") && r.innerText.includes("401 [expired-token]"))`)
	refusesForgeries(p, "Retrieve", "retrieved")
	p.click("Conversations")
	p.until("there is no hold button again", `[...document.querySelectorAll("button")].some((b) => b.textContent.startsWith("Hold"))`)

	rotated := rotate(p)
	if rotated == secret {
		t.Error("the secret is as before")
	}
	consumer.set(t, rotated, "")
	_, wrong := consumer.got("")
	runStory(p)
	p.until("no conversation of a run is seen", `document.querySelectorAll(".conversation h3").length >= 2`)
	p.shoot("serve-conversations")
	p.click("Deliveries")
	p.until("the run is not delivered", `[...document.querySelectorAll(".grid [role=row]")].filter((r) => r.innerText.includes("delivered")).length > 8`)
	if _, now := consumer.got(""); now > wrong {
		t.Errorf("%d more were signed with another key than the new one", now-wrong)
	}

	// An injected fault, and an empty sandbox.
	p.click("Inject fault")
	p.shows("The same notification is sent once more")
	p.fill("Fault", "unsigned")
	p.shows("A copy without a token")
	p.click("Inject")
	p.shows("1 pending")
	p.click("Reset")
	p.click("Reset")
	p.shows("Nothing sent yet.")

	// The server goes, and comes back where it was.
	address := strings.TrimPrefix(program.url, "http://")
	program.kill()
	p.shows("Disconnected. Reconnecting…")
	serve(t, path, folder, address)
	p.until("the page does not come back", `document.getElementById("gone").hidden`)
	p.click("Subscriptions")
	p.shows(consumer.URL)
}

// subscribe creates a subscription and returns the secret that the page shows once.
func subscribe(p *page, url string) string {
	p.t.Helper()
	p.click("Subscriptions")
	p.shows("No subscriptions.")
	p.click("New subscription")
	p.fill("Name", "ab")
	p.click("Create")
	p.until("a name of two letters is taken", `!!document.querySelector("dialog[open]")`)
	p.fill("Name", "my-consumer")
	p.fill("URL", url)
	p.click("Create")
	secret := shown(p)
	p.click("Test reachability")
	p.shows("✓ reachable")
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
	edit(strings.Replace(text, "- hold: $hold", "- hodl: $hold", 1))
	p.shows("1 problem")
	p.click("Line")
	if got := eval[string](p, `document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionStart + 4)`); got != "hodl" {
		p.t.Errorf("the fault leads to %q, want hodl", got)
	}
	p.click("Run")
	p.shows("⚠")
	edit(text)
	p.shows("✓ valid")
	setParameter(p)
	p.fill("Speed", "20")
	p.click("Run")
	p.shows("Watch it live")
	if set := eval[string](p, `fetch("/sandbox/v1/runs").then((r) => r.json()).then((a) => JSON.stringify(a.runs[0].options))`); set != `{"set":{"hold":"31s"}}` {
		p.t.Errorf("the run has the options %s", set)
	}
	p.click("Conversations")
	p.shows(" · hold=31s")
}

// setParameter gives the story's parameter a value that does not fit, and then one that does.
func setParameter(p *page) {
	p.t.Helper()
	const field, drawn = `document.querySelector("[aria-label=Parameters] input")`, `document.querySelector(".timeline").innerHTML`
	p.until("the default is not shown", field+`?.placeholder === "30s" && `+field+`.checkVisibility()`)
	before := eval[string](p, drawn)
	p.run(field + ".focus()")
	p.press("31")
	p.shows(`hold: want a time, got "31" (add a unit: 31s); $hold is from set`)
	p.press("s")
	p.shows("✓ valid")
	p.until("the preview is as before", drawn+" !== "+quote(before))
	if got := eval[string](p, "document.activeElement.value"); got != "31s" {
		p.t.Errorf("typed was %q, want 31s", got)
	}
}

// refusesForgeries injects a forgery of the event of a step, and looks for what is said of a consumer that refuses it: that it is right, everywhere.
func refusesForgeries(p *page, step, event string) {
	p.t.Helper()
	p.click("Inject fault")
	p.fill("Fault", "wrong-key")
	p.click("Inject")
	p.click("Conversations")
	p.click(step)
	p.click("Deliveries")
	row := `[...document.querySelectorAll(".grid [role=row].state-good")].find((r) => r.innerText.includes("` + event + `") && r.children[6].textContent === "2")`
	p.until("the event behind the forgery is not delivered", "!!"+row)
	p.run(row + ".click()")
	p.shows("✓ correctly refused")
	p.click("Attempt 1,")
	p.shows("It carried the fault wrong-key.")
	p.until("the API counts it otherwise", `fetch("/sandbox/v1/state").then((r) => r.json()).then((s) => s.deliveries["correctly-refused"] === 1 && s.deliveries.failed === 0)`)
	p.fill("State", "correctly-refused")
	p.until("the filter does not leave the one that is correctly refused", `[...document.querySelectorAll(".grid [role=row]")].every((r) => r.innerText.includes("correctly refused")) && document.querySelectorAll(".grid [role=row]").length === 1`)
	p.fill("State", "")
	p.click("Resend failed")
	p.shows("No failed deliveries.")
}
