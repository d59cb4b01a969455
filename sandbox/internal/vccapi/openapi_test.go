package vccapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/vccapi"
)

// What the document describes is what is routed, and nothing else: each path answers 405 with
// the methods that it has.
func TestTheDocumentDescribesEveryRoute(t *testing.T) {
	p := open(t)
	p.token, p.accept = "", "" // everybody may read it
	r := p.call("GET", vccapi.OpenAPIPath, "")
	if r.want(200); r.header.Get("Content-Type") != "application/json" {
		t.Errorf("Content-Type = %q", r.header.Get("Content-Type"))
	}
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(r.body), &document); err != nil {
		t.Fatal(err)
	}
	if document.OpenAPI != "3.1.0" || len(document.Paths) != 5 {
		t.Errorf("OpenAPI %s with %d paths", document.OpenAPI, len(document.Paths))
	}
	for path, item := range document.Paths {
		var methods []string
		for method := range item {
			if method != "parameters" {
				methods = append(methods, strings.ToUpper(method))
			}
		}
		slices.Sort(methods)
		r := p.call(http.MethodOptions, strings.NewReplacer("{subscriptionId}", "x").Replace(path), "")
		if got, want := r.header.Get("Allow"), strings.Join(methods, ", "); r.status != 405 || got != want {
			t.Errorf("%s: routed are %q, described are %q", path, got, want)
		}
	}
}
