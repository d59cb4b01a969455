package otlp

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatIsWrongWithADestinationIsTold(t *testing.T) {
	for _, c := range []struct{ url, says string }{
		{"localhost:4318", `"localhost:4318": no scheme; write http://localhost:4318`},
		{"127.0.0.1:4318", "no URL"},
		{"grpc://127.0.0.1:4317", "want a URL that begins with http:// or https://"},
		{"http://", "names no host"},
		{"http://127.0.0.1:0", "want a port from 1 to 65535"},
		{"http://127.0.0.1:4318/#x", "has no part behind #"},
		{"http://u:pa55w0rd@/", "names no host"},
	} {
		_, err := New(c.url, nil, with())
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "pa55") {
			t.Errorf("%s: got %v, want %q", c.url, err, c.says)
		}
	}
	for url, want := range map[string]string{"http://127.0.0.1:4318": "http://127.0.0.1:4318/v1/metrics", "https://u:p@10.0.0.1/": "https://10.0.0.1/v1/metrics",
		"http://127.0.0.1:9090/api/v1/otlp/v1/metrics?key=s3cr3t": "http://127.0.0.1:9090/api/v1/otlp/v1/metrics"} {
		if d, err := New(url, nil, with()); err != nil || d.String() != want {
			t.Errorf("%s is %v, %v; want %s", url, d, err, want)
		}
	}
}

// The variables of OpenTelemetry. No error repeats a value.
func TestWhatIsWrongWithTheEnvironmentIsTold(t *testing.T) {
	for _, c := range []struct{ value, says string }{
		{"a=1,s3cr3t", "OTEL_EXPORTER_OTLP_HEADERS: item 2: want NAME=VALUE"},
		{"=s3cr3t", "item 1: want NAME=VALUE"},
		{"a=s3cr3t%2", "item 1: a % must stand before two hexadecimal digits"},
		{"a b=s3cr3t", `"a b" is no name of a header`},
		{"content-type=s3cr3t", "Content-Type is set by ringback itself"},
		{"a=s3cr3t%0Ab", "the value of A has a character that no header may have"},
		{"a=" + strings.Repeat("s3cr3t", 5000), "want at most 16384 bytes, got 30002"},
	} {
		_, err := New("http://127.0.0.1:4318", nil, with("OTEL_EXPORTER_OTLP_HEADERS", c.value))
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%.20q: got %v, want %q", c.value, err, c.says)
		}
	}
	d, err := New("http://127.0.0.1:4318", nil, with("OTEL_EXPORTER_OTLP_HEADERS", "a=1", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "b=2,,"))
	if err != nil || d.header.Get("A") != "" || d.header.Get("B") != "2" {
		t.Errorf("the headers of metrics are %v, %v; want B alone", d.header, err)
	}
}

func TestTheEnvironmentNamesTheResource(t *testing.T) {
	own := []Attribute{{"service.name", "ringback"}, {"ringback.shard", "0/1"}}
	got, err := with("OTEL_RESOURCE_ATTRIBUTES", "ci.run=7,service.name=a", "OTEL_SERVICE_NAME", "load%20test").With(own...)
	if want := []Attribute{{"ringback.shard", "0/1"}, {"ci.run", "7"}, {"service.name", "load%20test"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if got, err := with().With(own...); err != nil || !slices.Equal(got, own) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := with("OTEL_RESOURCE_ATTRIBUTES", "x").With(); err == nil || !strings.HasPrefix(err.Error(), "OTEL_RESOURCE_ATTRIBUTES: item 1") {
		t.Errorf("got %v", err)
	}
}
