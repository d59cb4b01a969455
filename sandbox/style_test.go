package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/ringback/ringback/scenario/assume"
)

// What is assumed about bodies holds for runs and for conversations that are driven by hand.
func TestAssumptionsAboutBodiesReachTheDeliveries(t *testing.T) {
	var set assume.Set
	for name, value := range map[string]string{"body-style": "escaped", "id-form": "any"} {
		if err := set.Change(name, value); err != nil {
			t.Fatal(err)
		}
	}
	want := regexp.MustCompile(`^\{"\\u0073pecversion":.*"\\u0069nteractionId":"\\u00[0-9a-f]{2}[0-9a-f]{7}-[0-9a-f]{4}-[09a-f][0-9a-f]{3}-[0-7c-f]`)
	for _, begin := range [][2]string{{"/conversations", "{}"}, {"/runs", `{"scenario": "inbound-call", "speed": 1000}`}} {
		bodies := make(chan string, 100)
		consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			bodies <- string(body)
		}))
		t.Cleanup(consumer.Close)
		api := start(t, Options{Assume: set}).URL() + "/sandbox/v1"
		for _, post := range [][2]string{{"/subscriptions", `{"name": "one", "url": "` + consumer.URL + `", "events": ["channel.alerted.*"]}`}, begin} {
			if status, text := call(t, http.DefaultClient, "POST", api+post[0], post[1], "Content-Type", "application/json"); status != 201 && status != 202 {
				t.Fatalf("POST %s: %d %s", post[0], status, text)
			}
		}
		if body := <-bodies; !want.MatchString(body) {
			t.Errorf("%s sends %s", begin[0], body)
		}
	}
}
