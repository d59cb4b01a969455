package ringbacktest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAHandlerThatNeverReturnsIsNamed(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	s, err := serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-release
	}))
	if err != nil {
		t.Fatal(err)
	}
	s.grace = 10 * time.Millisecond
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		resp, err := http.Post("http://"+s.listener.Addr().String(), "text/plain", nil)
		if err == nil {
			t.Error("there was an answer")
			_ = resp.Body.Close()
		}
	}()
	<-entered
	got := s.stop()
	<-asked
	close(release)
	s.open.Wait()
	if !slices.ContainsFunc(got, func(c string) bool { return strings.Contains(c, "still runs") }) {
		t.Errorf("complaints %q, want one about a handler that does not return", got)
	}
	if got := s.stop(); len(got) != 0 {
		t.Errorf("complaints %q once it has returned, want none", got)
	}
}
