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
		{"control", "example.org:7070", "loopback"}, {"pprof", ":6060", "loopback"}, {"control", "7070", "want HOST:PORT"}, {"metrics", "9090", "want HOST:PORT"},
	} {
		err := checkAddress(tt.flag, tt.address, tt.flag != "metrics")
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
	}
}

func TestProfiles(t *testing.T) {
	for host, status := range map[string]int{"localhost:6060": 200, "attacker.example": 403} {
		req := httptest.NewRequest("GET", "/debug/pprof/goroutine?debug=1", nil)
		req.Host = host
		w := httptest.NewRecorder()
		if profileHandler().ServeHTTP(w, req); w.Code != status || (status == 200) != strings.Contains(w.Body.String(), "goroutine profile:") {
			t.Errorf("%s: %d %.100s; want %d", host, w.Code, w.Body, status)
		}
	}
}
