package engine

import (
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/settings"
)

// The engine sends as a run of the command line does under the same assumptions.
func TestAssumptionsShapeWhatIsSent(t *testing.T) {
	set, err := settings.ParseAssume([]string{"signature-prefix=Bearer", "success=2xx", "redirects=follow", "retry-after=obey"})
	if err != nil {
		t.Fatal(err)
	}
	e := (&Options{Assume: set}).emitter()
	if e.SignaturePrefix != "Bearer " || e.Success != emitter.Success2xx || e.Redirects != emitter.FollowRedirects || e.RetryAfter != emitter.ObeyRetryAfter {
		t.Errorf("the emitter is %+v", e)
	}
}
