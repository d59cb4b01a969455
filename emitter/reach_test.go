package emitter_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
)

func TestReachAsksOnceAndDeliversNothing(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		got = append(got, strings.Join([]string{r.Method, r.RequestURI, user, r.Header.Get("X-Team"), r.Header.Get("Vonage-Signature"), r.Header.Get("Content-Type")}, " "))
		w.WriteHeader(http.StatusTeapot)
	}))
	target := emitter.Target{URL: strings.Replace(server.URL, "http://", "http://ann:pass@", 1) + "/events?key=1",
		Secret: secret(t), Header: http.Header{"X-Team": {"blue"}}}
	status, failure, err := target.Reach(t.Context(), time.Minute)
	if status != http.StatusTeapot || failure != (emitter.Failure{}) || err != nil {
		t.Errorf("reached %d, %v, %v; want 418", status, failure, err)
	}
	wantSame(t, "requests", got, []string{"HEAD /events?key=1 ann blue  "})
	server.Close()
	if status, failure, err = target.Reach(t.Context(), time.Minute); status != 0 || failure.Class != emitter.ClassRefused || err != nil {
		t.Errorf("reached %d, %v, %v; want a refused connection", status, failure, err)
	}
	target.URL = "http://192.0.2.7/"
	if _, _, err = target.Reach(t.Context(), time.Minute); err == nil || !strings.Contains(err.Error(), "192.0.2.7 is neither loopback") {
		t.Errorf("error is %v, want the rule of addresses", err)
	}
}

func TestANameOfThisMachineIsNotRefused(t *testing.T) {
	if err := (&emitter.Target{URL: "http://localhost:1/"}).Look(t.Context()); err != nil {
		t.Errorf("Look at localhost = %v, want nil", err)
	}
}
