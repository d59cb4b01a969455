package console

import (
	"regexp"
	"slices"
	"testing"

	"github.com/ringback/ringback/scenario/fault"
)

// The dialog offers every fault, but rotate-key, which needs a second secret of the subscription.
func TestThePageOffersEveryFault(t *testing.T) {
	text, err := page.ReadFile("page/assets/faults.js")
	if err != nil {
		t.Fatal(err)
	}
	var offered []string
	for _, m := range regexp.MustCompile(`\["([a-z-]+)", "[^"]+"\]`).FindAllSubmatch(text, -1) {
		offered = append(offered, string(m[1]))
	}
	for _, name := range fault.Names() {
		if slices.Contains(offered, name) == (name == fault.RotateKey.String()) {
			t.Errorf("fault %s: offered %v", name, slices.Contains(offered, name))
		}
	}
}
