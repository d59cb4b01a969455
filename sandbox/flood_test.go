package sandbox

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

// A stranger who floods everything that takes credentials, from the very address of the client, keeps
// the client from nothing. Once 90 of 95 tokens were refused.
func TestAFloodAtTheDoorsKeepsNobodyOut(t *testing.T) {
	var mu sync.Mutex
	var lines []string
	s := start(t, Options{PublicHost: "sandbox.example", Log: func(line string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, line)
	}})
	c := s.Credentials()
	at := "http://" + s.listener.Addr().String()
	statuses := func(id, secret, access string) (all [3]int) {
		body := credentialsForm(id, secret) + "&grant_type=client_credentials&scope=admin%3Aread"
		all[0], _ = call(t, http.DefaultClient, "POST", at+"/Auth/connect/token", body, "Content-Type", form)
		all[1], _ = call(t, http.DefaultClient, "GET", at+"/webhooks/event-types", "", "Authorization", "Bearer "+access, "Accept", "application/vnd.newvoicemedia.v1+json")
		all[2], _ = call(t, http.DefaultClient, "GET", at+"/sandbox/v1/agents", "", "Authorization", "Bearer "+secret)
		return all
	}
	_, text := call(t, http.DefaultClient, "POST", at+"/Auth/connect/token", credentialsForm(c.ID, c.Secret)+"&grant_type=client_credentials&scope=admin%3Aread", "Content-Type", form)
	access := strings.Split(text, `"`)[3]

	var flood sync.WaitGroup
	refused := [4][3]map[int]int{}
	for w := range refused {
		for i := range refused[w] {
			refused[w][i] = map[int]int{}
		}
		flood.Go(func() {
			for range 100 {
				for i, status := range statuses(c.ID, "a wrong secret", "a wrong token") {
					refused[w][i][status]++
				}
			}
		})
	}
	for range 50 {
		if got := statuses(c.ID, c.Secret, access); got != [3]int{200, 200, 200} {
			t.Fatalf("a token, the vendor's API and the control API answer the client with %d", got)
		}
	}
	flood.Wait()
	for i, what := range []string{"token", "vendor's API", "control API"} {
		all := map[int]int{}
		for w := range refused {
			for status, n := range refused[w][i] {
				all[status] += n
			}
		}
		if all[401]+all[429] != 400 || all[401] < 100 || all[429] == 0 {
			t.Errorf("%s: the flood got %v, want 100 times 401, and some more as time passes, and then 429", what, all)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(lines) != 1 || !strings.Contains(lines[0], "too many wrong credentials from 127.0.0.1") {
		t.Errorf("told %q, want one line about the address", lines)
	}
}
