package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The reports are read by everybody, on a telephone and in the dark, too.
func TestEveryReportIsForEverybody(t *testing.T) {
	source := axe(t)
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Join("..", "..", "internal"))))
	defer server.Close()
	p := open(t, "about:blank", 1280, 800)
	for path, shows := range map[string]string{"examine/render/testdata/broken.html": "Mend it", "examine/render/testdata/passed.html": "nothing wrong was found",
		"report/testdata/full.html": "Settings", "report/testdata/load.html": "Percentiles", "report/testdata/compare.html": "Figures"} {
		for _, theme := range []string{"light", "dark"} {
			p.theme(theme)
			for _, width := range []int64{1280, 375} {
				p.size(width, 740)
				p.do(chromedp.Navigate(server.URL + "/" + path))
				p.until(shows, `document.body.innerText.includes(`+quote(shows)+`)`)
				where := fmt.Sprint(theme, " ", width, " ", path)
				p.judge(source, where)
				if wide := eval[int64](p, "document.documentElement.scrollWidth"); wide > width {
					t.Errorf("%s: the page is %d pixels wide", where, wide)
				}
				p.shoot(strings.NewReplacer("/", "-", " ", "-").Replace(where))
			}
		}
	}
}
