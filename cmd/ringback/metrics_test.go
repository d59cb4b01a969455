package main

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// scraped is the value of a metric, given as it stands before the value, or -1.
func scraped(t *testing.T, url, metric string) float64 {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(metric) + ` (\S+)$`).FindSubmatch(text)
	if found == nil {
		return -1
	}
	v, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// While a run goes on, what it has done can be scraped.
func TestMetricsAreScraped(t *testing.T) {
	errs := newHeard()
	var out bytes.Buffer
	status := make(chan int, 1)
	url := consumer(t)
	go func() {
		defer errs.end()
		status <- run(t.Context(), []string{"run", "-", "--to", url, "--speed", "1000", "--control", "127.0.0.1:0", "--metrics", "127.0.0.1:0"},
			stdio{strings.NewReader(strings.Replace(goodStory, "talk: 2s", "talk: 24h", 1)), &out, errs}, nil)
	}()
	found, _ := errs.find(t, `control at (\S+)\n`, 0)
	control := found[1]
	found, _ = errs.find(t, `metrics at (http://\S+/metrics)\n`, 0)
	of := `target="` + url + `"`
	for { // until the first half of the call is through
		if scraped(t, found[1], `ringback_deliveries_total{outcome="accepted",`+of+`}`) < 4 {
			continue
		}
		if n := scraped(t, found[1], `ringback_attempts_total{status="2xx",`+of+`}`); n != 4 {
			t.Errorf("%v attempts with 2xx, want 4", n)
		}
		if scraped(t, found[1], `ringback_build_info{goversion="`+runtime.Version()+`",version="`+version()+`"}`) != 1 || scraped(t, found[1], "go_goroutines") < 1 {
			t.Error("there is no build info, or there are no metrics of Go")
		}
		break
	}
	ask(t, "POST", control+"/stop", "")
	if got := <-status; got != exitInterrupted {
		t.Errorf("status = %d, want %d", got, exitInterrupted)
	}
	if resp, err := http.Get(found[1]); err == nil {
		resp.Body.Close()
		t.Error("the port outlives the run")
	}
}
