package report_test

import (
	"regexp"
	"testing"

	"github.com/ringback/ringback/internal/golden"
)

// encoded is a histogram. What compression makes of it may differ from one version of Go to
// the next, so goldens do not hold it; other tests read it back.
var encoded = regexp.MustCompile(`"histogram": "[A-Za-z0-9+/=]+"`)

func wantGolden(t *testing.T, name, got string) {
	t.Helper()
	golden.Check(t, "testdata/"+name, encoded.ReplaceAllString(got, `"histogram": "…"`))
}
