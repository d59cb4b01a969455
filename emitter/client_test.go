package emitter_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
)

func TestQuestionsObeyTheRulesOfTheTarget(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://192.0.2.7/", http.StatusFound)
	}))
	defer server.Close()
	target := emitter.Target{URL: server.URL}
	client, done, err := target.Client(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	resp, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusFound {
		t.Errorf("status %d, want the redirect itself", resp.StatusCode)
	}
	if _, err = client.Get("http://192.0.2.7/"); err == nil || !strings.Contains(err.Error(), "192.0.2.7 is neither loopback") {
		t.Errorf("a public address gives %v, want a refusal", err)
	}
	if _, _, err = target.Client(0); err == nil {
		t.Error("a client without a time limit is made")
	}
}
