package console

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/scenario/fault"
)

// The dialog offers the faults that the control API lists, but rotate-key, which needs a second
// secret of the subscription.
func TestThePageOffersEveryFault(t *testing.T) {
	text, err := page.ReadFile("page/assets/faults.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`get("/explain?group=fault")`, `notOffered = "` + fault.RotateKey.String() + `"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("faults.js does not have %s", want)
		}
	}
	for _, name := range fault.Names() {
		if quoted := `"` + name + `"`; strings.Contains(string(text), quoted) && name != fault.RotateKey.String() && name != fault.Duplicate.String() {
			t.Errorf("faults.js has a list of its own: %s", quoted)
		}
	}
}
