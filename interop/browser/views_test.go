package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is the source of axe-core, as its lockfile has it.
func axe(t *testing.T) string {
	t.Helper()
	path := filepath.Join("..", "axe", "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(path); err != nil {
		if _, err := exec.LookPath("npm"); err != nil && !strings.Contains(os.Getenv("RINGBACK_REQUIRE"), "node") {
			t.Skipf("axe-core needs npm: %v", err)
		}
		cmd := exec.Command("npm", "ci")
		cmd.Dir = filepath.Join("..", "axe")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// judge asks axe-core for violations of the page as it stands.
func (p *page) judge(source, where string) {
	p.t.Helper()
	p.run(source)
	var found []struct {
		ID    string
		Help  string
		Nodes []struct{ HTML, FailureSummary string }
	}
	answer := eval[string](p, `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`)
	if err := json.Unmarshal([]byte(answer), &found); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range found {
		for i, n := range v.Nodes {
			if i < 3 {
				p.t.Errorf("%s: %s: %s\n\t%s\n\t%s", where, v.ID, v.Help, n.HTML, n.FailureSummary)
			}
		}
	}
}

// look is a place of the page and what must be seen there.
type look struct{ hash, shows string }

func looks() []look {
	return []look{
		{"#/conversations", "agent-"}, {"#/deliveries", "failed"}, {"#/deliveries/99999", "REQUEST HEADERS"},
		{"#/scenarios", "Choose a scenario"}, {"#/scenarios/my-story", "✓ valid"}, {"#/subscriptions", "billing"}, {"#/tryit", "timingSafeEqual"},
		{"#/runs", "bad-day"}, {"#/runs/run1", "So far"}, {"#/runs/run0", "2 of 42 forgeries"}, {"#/runs/run0?with=run1", "need not be the consumer"},
		{"#/reference", "Choose a subject"}, {"#/reference/channel.held", "put on hold"},
	}
}

// opened is something that a view opens, by which click.
type opened struct{ hash, click, shows string }

func dialogs() []opened {
	return []opened{
		{"#/conversations", "Keyboard shortcuts", "Escape"}, {"#/subscriptions", "New subscription", "Base64"}, {"#/subscriptions", "Rotate key", "queued retries"},
		{"#/deliveries", "Inject fault", "Deliveries"}, {"#/deliveries", "Reset", "delete all"}, {"#/scenarios/my-story", "2 events", "channel.alerted.v0"},
	}
}

func TestEveryViewIsForEverybody(t *testing.T) {
	source := axe(t)
	url := (&fake{live: 12, deliveries: 100_000}).serve(t)
	p := open(t, url, 1280, 800)
	for _, theme := range []string{"light", "dark"} {
		p.theme(theme)
		p.views(url, theme, 1280, 800, source)
		for _, d := range dialogs() {
			p.do(chromedp.Navigate("about:blank"), chromedp.Navigate(url+"/"+d.hash))
			p.click(d.click)
			p.shows(d.shows)
			p.judge(source, theme+" "+d.click)
		}
	}
	p.views(url, "dark", 375, 740, source)
	p.theme("light")
	p.views(url, "light", 375, 740, "")
	p.views(url, "light", 3840, 2160, "")
}

// views looks at each view in a window of a size, and lets axe-core judge it if there is its source.
func (p *page) views(url, theme string, width, height int64, source string) {
	p.t.Helper()
	p.size(width, height)
	for _, l := range looks() {
		p.do(chromedp.Navigate("about:blank"), chromedp.Navigate(url+"/"+l.hash))
		p.until(l.hash, `document.body.innerText.toLowerCase().includes(`+quote(strings.ToLower(l.shows))+`)`)
		where := fmt.Sprint(theme, " ", width, " ", l.hash)
		if source != "" {
			p.judge(source, where)
		}
		if wide := eval[int64](p, "document.documentElement.scrollWidth"); wide > width {
			p.t.Errorf("%s: the page is %d pixels wide", where, wide)
		}
		p.shoot(strings.NewReplacer("#/", "", "/", "-", " ", "-").Replace(where))
	}
	p.size(1280, 800)
}
