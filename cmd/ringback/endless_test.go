package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ringback/ringback/internal/sampling"
)

// A walk to the end of these plans takes minutes or hours. Nobody who interrupts them should have
// to wait for that, although the report shows the truth about some conversations.
func TestAnInterruptOfALongPlanEndsWithAReport(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	for _, args := range []string{
		"--events 2000/s --for 720h", "--population 5000 --for 720h", "--agents 20 --calls 40/s --for 720h",
		"--events 2000/s --for 720h --shard 1/2 --seed 7 --start 2025-03-03T09:00:00Z",
	} {
		t.Run(args, func(t *testing.T) {
			signals := make(chan os.Signal, 2)
			var requests atomic.Int32
			consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				if requests.Add(1) == 5 {
					signals <- os.Interrupt
				}
			}))
			defer consumer.Close()
			var out, errs bytes.Buffer
			path := filepath.Join(t.TempDir(), "report.html")
			status := run(t.Context(), append([]string{"run", "inbound-call", "--to", consumer.URL, "--progress", "off", "--report", path}, strings.Fields(args)...),
				stdio{strings.NewReader(""), &out, &errs}, signals)
			if text, err := os.ReadFile(path); status != exitInterrupted || err != nil || !bytes.Contains(text, []byte("</html>")) {
				t.Errorf("status %d, %v, %d bytes of a report; want %d and all of it; %s", status, err, len(text), exitInterrupted, errs.String())
			}
		})
	}
}
