package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAddressesOfPorts(t *testing.T) {
	for _, tt := range []struct {
		flag, address string
		says          string // "" if it is right
	}{
		{"control", "127.0.0.1:0", ""}, {"control", "[::1]:0", ""}, {"control", "localhost:7070", ""}, {"control", "LOCALHOST:7070", ""}, {"pprof", "127.0.0.2:6060", ""},
		{"metrics", ":9090", ""}, {"metrics", "0.0.0.0:9090", ""}, {"metrics", "127.0.0.1:9090", ""},
		{"control", ":7070", "loopback"}, {"control", "0.0.0.0:7070", "loopback"}, {"control", "192.0.2.1:7070", "loopback"},
		{"control", "example.org:7070", "loopback"}, {"pprof", ":6060", "loopback"}, {"control", "127.0.0.1:99999", "port up to 65535"}, {"metrics", ":-1", "port up to 65535"}, {"pprof", "127.0.0.1:x", "port up to 65535"}, {"control", "7070", "want HOST:PORT"}, {"metrics", "9090", "want HOST:PORT"},
	} {
		f := watchFlags{progress: "auto"}
		*map[string]*string{"control": &f.control, "metrics": &f.metrics, "pprof": &f.pprof}[tt.flag] = tt.address
		_, err := f.parse("text", nil)
		var se *statusError
		switch {
		case tt.says == "" && err != nil:
			t.Errorf("--%s %s: %v", tt.flag, tt.address, err)
		case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "--"+tt.flag)):
			t.Errorf("--%s %s: %v, want an error that says %q", tt.flag, tt.address, err, tt.says)
		case tt.says != "" && (!errors.As(err, &se) || se.status != exitUsage):
			t.Errorf("--%s %s: %v, want status %d", tt.flag, tt.address, err, exitUsage)
		}
	}
}

func TestAPortThatIsTakenEndsTheRunBeforeItBegins(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	address := strings.TrimPrefix(taken.URL, "http://")
	for _, flag := range []string{"--control", "--metrics", "--pprof"} {
		status, out, errs := call(t, goodStory, "run", "-", "--speed", "max", flag, address)
		if status != exitUsage || out != "" || !strings.Contains(errs, flag+": cannot listen on "+address) {
			t.Errorf("status = %d, output %q, error %q; want %d and the reason", status, out, errs, exitUsage)
		}
		if status, out, errs := call(t, goodStory, "run", "-", "--dry-run", flag, address); status != exitUsage || out != "" || !strings.Contains(errs, flag+": cannot listen on "+address) {
			t.Errorf("without sending: status = %d, output %q, error %q; want %d and the reason", status, out, errs, exitUsage)
		}
	}
}
