package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
)

// The console draws with a copy of uPlot. It is that of npm, as a module; go test ./interop -run UPlot -update copies another version.
func TestTheConsolesUPlotIsThePublishedOne(t *testing.T) {
	requireNode(t)
	install(t, "uplot")
	published := func(name string) string {
		text, err := os.ReadFile(filepath.Join("uplot", "node_modules", "uplot", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text)) + "\n"
	}
	const assets = "../sandbox/internal/console/page/assets/"
	script := published("dist/uPlot.iife.min.js")
	if !strings.HasPrefix(script, "/*! https://github.com/leeoniya/uPlot (v") || !strings.Contains(script, "var uPlot=") {
		t.Fatalf("the script begins with %.100s", script)
	}
	golden.Check(t, assets+"uplot.js", script+"export default uPlot;\n")
	golden.Check(t, assets+"uplot.css", published("dist/uPlot.min.css"))
	golden.Check(t, "../sandbox/internal/console/uplot/LICENSE", published("LICENSE"))
}
