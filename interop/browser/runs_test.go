package browser

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// asked asks the control API of the page's sandbox.
func (p *page) asked(path string) (answer map[string]any) {
	p.t.Helper()
	text := eval[string](p, `fetch("/sandbox/v1`+path+`").then((r) => r.text())`)
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		p.t.Fatalf("%s: %v in %s", path, err, text)
	}
	return answer
}

// start starts something of the library from the tab, and returns the id of its run.
func (p *page) start(name, speed, seed string) string {
	p.t.Helper()
	p.fill("Scenario or workload", name)
	p.until("the choice is not in the address", `location.hash === "#/runs?start=`+name+`"`)
	p.fill("Speed", speed)
	p.fill("Seed", seed)
	p.click("Start")
	p.until("the page of the run is not opened", `/^#\/runs\/[^?]+$/.test(location.hash)`)
	return eval[string](p, `location.hash.slice(7)`)
}

// outcomes are the counts of the table of deliveries, by state.
const outcomes = `Object.fromEntries([...document.querySelectorAll("section.part")].find((s) => s.querySelector("h2")?.textContent === "Deliveries")
	?.querySelectorAll("tbody tr") ? [...[...document.querySelectorAll("section.part")].find((s) => s.querySelector("h2")?.textContent === "Deliveries").querySelectorAll("tbody tr")]
	.map((r) => [r.children[0].textContent.slice(2).replaceAll(" ", "-"), Number(r.children[1].textContent.replaceAll(",", ""))]) : [])`

// Somebody starts a workload, watches it, sees what came of it, and plays it again.
func TestRunsAreWatchedAndPlayedAgain(t *testing.T) {
	path, folder := build(t), filepath.Join(t.TempDir(), "state")
	program, consumer := serve(t, path, folder, "127.0.0.1:0"), consume(t)
	p := open(t, program.url, 1280, 800)
	consumer.set(t, subscribe(p, consumer.URL+"/events"), "channel.held")
	p.click("Runs")
	p.shows("No run.")
	run := p.start("steady-calls", "20", "7")

	// It is watched while it goes on.
	p.shows("So far; there is a verdict once nothing waits.")
	p.until("no delivery is seen while it goes on", `(`+outcomes+`).delivered > 0 && document.body.innerText.includes("running")`)
	p.click("Pause")
	p.until("it is not paused", `document.querySelector(".tag[role=status]").textContent === "paused"`)
	p.click("Resume")
	p.choose("Speed of steady-calls", "1000")
	p.until("it does not end", `document.querySelector(".tag[role=status]").textContent === "ended"`)
	p.until("there is no verdict", `!!document.querySelector(".verdict .good, .verdict .bad")`)
	f := p.asked("/runs/" + run + "/figures")
	if f["settled"] != true {
		t.Errorf("there is a verdict, and it is settled %v", f["settled"])
	}
	want := f["deliveries"].(map[string]any)
	for state, n := range want {
		if n.(float64) == 0 {
			delete(want, state)
		}
	}
	wanted, _ := json.Marshal(want)
	p.until("the counts are not those of the API, "+string(wanted), `((a, b) => Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([s, n]) => b[s] === n))(`+outcomes+`, `+string(wanted)+`)`)
	if retries := f["retries"].(float64); retries < 1 {
		t.Error("nothing was retried")
	}
	p.shows("accepted >= 100%")
	p.shows("✓ holds")

	// A count leads to its deliveries, a link to a copy of the page.
	at := eval[string](p, `location.href`)
	p.run(`[...document.querySelectorAll("a")].find((a) => a.getAttribute("aria-label")?.endsWith("delivered: show the deliveries")).click()`)
	p.until("the deliveries are not filtered", `location.hash.includes("run=`+run+`") && location.hash.includes("state=delivered")`)
	p.until("there are no such deliveries", `document.querySelectorAll(".grid [role=row]").length > 10`)
	p.run(`history.back()`)
	p.until("Back does not show the run", `(`+outcomes+`).delivered === `+strconv.Itoa(int(want["delivered"].(float64))))
	p.do(chromedp.Reload())
	p.until("a reload does not show the run", `(`+outcomes+`).delivered === `+strconv.Itoa(int(want["delivered"].(float64))))

	// The report is the one of the command run.
	for name, has := range map[string]string{"HTML": "<html", "JSON": `"schema_version"`, "JUnit": "<testsuite"} {
		to := eval[string](p, `[...document.querySelectorAll("a[download]")].find((a) => a.textContent.includes("`+name+`")).href`)
		res, err := http.Get(to)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 200 || !strings.Contains(string(text), has) || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %s %.200s", name, res.Status, text)
		}
	}

	// It is played again, with its seed and with another one.
	p.click("Run again with seed 7")
	p.until("the same run is still shown", `location.hash.startsWith("#/runs/") && location.href !== `+quote(at))
	again := p.asked("/runs/" + eval[string](p, `location.hash.slice(7)`))
	if again["seed"] != "7" || again["name"] != "steady-calls" || again["id"] == run {
		t.Errorf("played again: %v with seed %v", again["name"], again["seed"])
	}
	p.click("Stop")
	p.until("it is not stopped", `document.querySelector(".tag[role=status]").textContent === "stopped"`)
	p.run(`location.href = ` + quote(at))
	p.shows("Run again, new seed")
	p.click("Run again, new seed")
	p.until("no other run is shown", `location.hash.startsWith("#/runs/") && location.href !== `+quote(at)+` && !location.hash.endsWith("`+again["id"].(string)+`")`)
	p.click("Stop")

	// It is compared with the one that was stopped, in the address too.
	p.run(`location.href = ` + quote(at))
	p.until("the other run is not offered", `[...document.querySelectorAll("option")].some((o) => o.value === "`+again["id"].(string)+`")`)
	p.fill("With", again["id"].(string))
	p.until("the choice is not in the address", `location.hash.endsWith("?with=`+again["id"].(string)+`")`)
	compared := func(how string) {
		t.Helper()
		p.until(how+" compares nothing", `[...document.querySelectorAll("section[aria-labelledby=compare-title] tbody tr")].some((r) => r.children[0].textContent === "accepted" && r.children[1].textContent.replaceAll(",", "") === "`+strconv.Itoa(int(want["delivered"].(float64)))+`")`)
		p.shows("Both played the same, but not with the same load, or not to the end.")
	}
	compared("the choice")
	p.do(chromedp.Reload())
	compared("a reload")
	p.click("Show the other run")
	p.until("the other run is not shown", `location.hash === "#/runs/`+again["id"].(string)+`"`)
	p.run(`history.back()`)
	compared("Back")

	// The list has all of them, the newest first, and a run that is not there has no page.
	p.click("‹ All runs")
	p.until("not all runs are listed", `document.querySelectorAll("tbody tr").length === 3`)
	p.fill("Filter", "ended")
	p.until("the filter finds others", `document.querySelectorAll("tbody tr").length === 1 && location.hash === "#/runs?q=ended"`)
	p.run(`document.querySelector("tbody a").click()`)
	p.until("the list does not lead to the run", `location.hash === "#/runs/`+run+`"`)
	p.run(`location.hash = "#/runs/none"`)
	p.shows("No such run, or it is past retention.")
}

// choose chooses in a control by its label for assistive technology.
func (p *page) choose(label, value string) {
	p.t.Helper()
	find := `document.querySelector('[aria-label="` + label + `"]')`
	p.until("there is no control "+label, "!!"+find)
	p.run(`const c = ` + find + `; c.value = ` + quote(value) + `; c.dispatchEvent(new Event("change", { bubbles: true }))`)
}

// byKeys goes to the page of a run with the keyboard alone.
func (p *page) byKeys() {
	p.t.Helper()
	p.run(`document.activeElement.blur()`)
	p.press("g", "n")
	p.shows("bad-day")
	for range 40 {
		p.press(kb.Tab)
		if eval[bool](p, `document.activeElement.matches("tbody a")`) {
			break
		}
	}
	p.press(kb.Enter)
	p.until("Enter does not open the run", `/^#\/runs\/run/.test(location.hash) && document.querySelector("h1")?.textContent.length > 3`)
	p.until("the focus is lost", `document.activeElement.id === "main"`)
}

// painted says how many colours a chart has, from its canvas.
const painted = `[...document.querySelectorAll(".chart canvas")].map((c) => new Set(new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer)).size)`

// The charts are drawn in the colours of the theme and to the width of the page, and stand there as a table, too.
func TestTheChartsOfARun(t *testing.T) {
	source := axe(t)
	url := (&fake{live: 1, deliveries: 10}).serve(t)
	p := open(t, url+"/#/runs/run0", 1280, 1200)
	p.until("three charts are not drawn", `((all) => all.length === 3 && all.every((n) => n > 3))(`+painted+`)`)
	if loaded := eval[[]string](p, `performance.getEntriesByType("resource").map((r) => new URL(r.name).pathname).filter((n) => n.includes("uplot"))`); len(loaded) != 2 {
		t.Errorf("%q is loaded of uPlot", loaded)
	}
	p.shoot("charts-light")
	first := eval[string](p, `document.querySelector(".chart canvas").toDataURL()`)
	p.click("Theme: auto")
	p.click("Theme: light")
	p.until("the chart keeps the colours of the other theme", `document.querySelector(".chart canvas").toDataURL() !== `+quote(first))
	p.shoot("charts-dark")
	p.click("The charts as a table")
	p.until("the table is not there", `((n) => n > 10 && n <= 24)(document.querySelector("details[open] tbody")?.children.length)`)
	p.judge(source, "the table of the charts")
	p.size(375, 740)
	p.until("the charts do not fit", `[...document.querySelectorAll(".chart canvas")].every((c) => c.getBoundingClientRect().right <= 375) && document.documentElement.scrollWidth <= 375`)
	p.judge(source, "narrow charts")
	p.shoot("charts-narrow")

	// Whoever opens no run loads nothing of it, and keys lead there.
	p.do(chromedp.Navigate("about:blank"), chromedp.Navigate(url+"/#/deliveries"))
	p.shows("10 deliveries")
	defer p.byKeys()
	if loaded := eval[int](p, `performance.getEntriesByType("resource").filter((r) => /uplot|runs\.css|charts/.test(r.name)).length`); loaded != 0 {
		t.Errorf("%d files of the charts are loaded with the deliveries", loaded)
	}
}
