package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// pushes is a receiver of OTLP that answers with a status, and what it received.
func pushes(t *testing.T, status int) (url string, got func() []*collector.ExportMetricsServiceRequest) {
	t.Helper()
	var mu sync.Mutex
	var all []*collector.ExportMetricsServiceRequest
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		one := &collector.ExportMetricsServiceRequest{}
		if err := proto.Unmarshal(body, one); err != nil {
			t.Error(err)
		}
		mu.Lock()
		all = append(all, one)
		mu.Unlock()
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(status)
		if status != http.StatusOK {
			io.WriteString(w, "the key "+r.Header.Get("Api-Key")+" is unknown")
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []*collector.ExportMetricsServiceRequest {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// total is the sum of a counter of a push, over all but one attribute.
func total(r *collector.ExportMetricsServiceRequest, name, attribute string) (sum int64) {
	for _, m := range r.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		for _, p := range m.GetSum().GetDataPoints() {
			for _, a := range p.Attributes {
				if m.Name == name && a.GetValue().GetStringValue() == attribute {
					sum += p.GetAsInt()
				}
			}
		}
	}
	return sum
}

// A run pushes once, whatever became of it, and what it pushes is final. Only where the run passed is a failed push its cause.
func TestMetricsArePushedOnce(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer refusing.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cr3t-of-the-store")
	const failed = "the metrics were not pushed: "
	for _, c := range []struct {
		name         string
		args         string
		answer       int
		status       int
		outcome      string
		count        int64
		says, unsaid string
	}{
		{"a good run", "run - --speed max", 200, exitOK, "accepted", 9, "9 of 9 notifications accepted", failed},
		{"a run that fails", "run - --speed max --retry-for 0 --to " + refusing.URL, 200, exitFailed, "given-up", 9, "401", failed},
		{"a good run whose push fails", "run - --speed max", 401, exitFailed, "accepted", 9, failed, "s3cr3t"},
		{"the same, quiet", "run - --speed max --quiet", 401, exitFailed, "accepted", 9, "responded 401 Unauthorized: the key (hidden) is unknown", "s3cr3t"},
		{"a run that fails, and its push, too", "run - --speed max --retry-for 0 --to " + refusing.URL, 400, exitFailed, "given-up", 9, failed, "s3cr3t"},
		{"no run", "run - --speed max --dry-run", 200, exitOK, "", -1, "would send 9 notifications", failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, got := pushes(t, c.answer)
			file := filepath.Join(t.TempDir(), "run.json")
			args := append(strings.Fields(c.args), "--metrics-push", strings.Replace(url, "//", "//u:pa55w0rd-of-the-store@", 1), "--report", file)
			status, out, errs := call(t, goodStory, args...)
			if status != c.status || !strings.Contains(out+errs, c.says) || strings.Contains(out+errs, c.unsaid) {
				t.Errorf("status %d, want %d, with %q, without %q\n%s%s", status, c.status, c.says, c.unsaid, out, errs)
			}
			if written, _ := os.ReadFile(file); strings.Contains(out+errs+string(written), "pa55w0rd") {
				t.Errorf("a password is told:\n%s%s%s", out, errs, written)
			}
			if c.count < 0 {
				if len(got()) > 0 {
					t.Errorf("pushed %d times", len(got()))
				}
				return
			}
			if len(got()) != 1 || total(got()[0], "ringback_deliveries_total", c.outcome) != c.count {
				t.Errorf("pushed %d times: %v", len(got()), got())
			}
		})
	}
}

// A run that is cut off pushes what it did, though its context has ended, and keeps its status.
func TestARunThatIsCutOffPushesToo(t *testing.T) {
	url, got := pushes(t, http.StatusBadRequest)
	signals := make(chan os.Signal, 2)
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		signals <- os.Interrupt // the first lets it finish, the second does not
		signals <- os.Interrupt
		<-r.Context().Done()
	}))
	defer hanging.Close()
	var errs bytes.Buffer
	status := run(t.Context(), []string{"run", "-", "--to", hanging.URL, "--output", "quiet", "--metrics-push", url}, stdio{strings.NewReader(goodStory), io.Discard, &errs}, signals)
	if status != exitInterrupted || !strings.Contains(errs.String(), "the metrics were not pushed: ") {
		t.Errorf("status %d\n%s", status, errs.String())
	}
	if len(got()) != 1 || total(got()[0], "ringback_deliveries_total", "undelivered") == 0 {
		t.Errorf("pushed %d times: %v", len(got()), got())
	}
}

// A public receiver can be allowed without a target, and what is allowed is checked.
func TestAPublicReceiverCanBeAllowed(t *testing.T) {
	for allowed, want := range map[string]int{"203.0.113.7": exitOK, "203.0.113.0/2": exitUsage} {
		status, _, errs := call(t, goodStory, "run", "-", "--speed", "max", "--metrics-push", "https://203.0.113.7", "--allow-target", allowed, "--dry-run")
		if status != want || want != exitOK && !strings.Contains(errs, "the network is too wide") {
			t.Errorf("%s: status %d, want %d\n%s", allowed, status, want, errs)
		}
	}
	if status, _, errs := call(t, goodStory, "run", "-", "--speed", "max", "--allow-target", "203.0.113.7", "--dry-run"); status != exitUsage || !strings.Contains(errs, "there is no target") {
		t.Errorf("without a push: status %d\n%s", status, errs)
	}
}

func TestWhereMetricsMayNotGoIsToldBefore(t *testing.T) {
	for _, c := range []struct{ url, variable, value, says string }{
		{"localhost:4318", "OTEL_SERVICE_NAME", "", `--metrics-push: "localhost:4318": no scheme; write http://localhost:4318`},
		{"http://203.0.113.7:4318", "OTEL_SERVICE_NAME", "", "--metrics-push: 203.0.113.7 is neither loopback, private nor link-local, and is not an allowed host; use --allow-target 203.0.113.7"},
		{"http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_HEADERS", "s3cr3t", "--metrics-push: OTEL_EXPORTER_OTLP_HEADERS: item 1: want NAME=VALUE"},
		{"http://127.0.0.1:4318", "OTEL_RESOURCE_ATTRIBUTES", "a=%", "--metrics-push: OTEL_RESOURCE_ATTRIBUTES: item 1: a % must stand before"},
	} {
		t.Setenv(c.variable, c.value)
		status, out, errs := call(t, goodStory, "run", "-", "--speed", "max", "--metrics-push", c.url)
		if status != exitUsage || !strings.Contains(errs, c.says) || strings.Contains(errs, "s3cr3t") || out != "" {
			t.Errorf("%s, %s: status %d\n%s%s", c.url, c.variable, status, out, errs)
		}
		t.Setenv(c.variable, "")
	}
}

// A second signal ends the wait for a receiver that does not answer.
func TestASecondSignalEndsThePush(t *testing.T) {
	signals := make(chan os.Signal, 2)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		signals <- os.Interrupt
		signals <- os.Interrupt
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer receiver.Close()
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer consumer.Close()
	var out, errs bytes.Buffer
	status := run(t.Context(), []string{"run", "inbound-call", "--speed", "max", "--to", consumer.URL, "--metrics-push", receiver.URL}, stdio{strings.NewReader(""), &out, &errs}, signals)
	if status != exitFailed || !strings.Contains(errs.String(), ": interrupted") {
		t.Errorf("status %d, %s", status, errs.String())
	}
}
