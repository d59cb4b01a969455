package control

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/scenario"
)

// The document and the mux list the same operations.
func TestEveryRouteIsDescribedAndEveryDescriptionIsRouted(t *testing.T) {
	var doc struct {
		Tags  []struct{ Name string }
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Tags        []string
			Parameters  []struct {
				Name, In string
			}
			Responses map[string]any
		}
	}
	if err := json.Unmarshal([]byte(OpenAPI()), &doc); err != nil {
		t.Fatal(err)
	}
	var described, routed []string
	ids, tags := map[string]bool{}, map[string]bool{}
	for path, item := range doc.Paths {
		for method, op := range item {
			what := strings.ToUpper(method) + " " + path
			described = append(described, what)
			if op.OperationID == "" || ids[op.OperationID] {
				t.Errorf("%s: the operationId %q is missing or not unique", what, op.OperationID)
			}
			ids[op.OperationID] = true
			for _, tag := range op.Tags {
				tags[tag] = true
			}
			for part := range strings.SplitSeq(path, "/") {
				name := strings.Trim(part, "{}")
				if name != part && !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.Name == name && p.In == "path" }) {
					t.Errorf("%s: the parameter %s is not described", what, name)
				}
			}
		}
	}
	for _, tag := range doc.Tags {
		if !tags[tag.Name] {
			t.Errorf("no operation has the tag %s", tag.Name)
		}
		delete(tags, tag.Name)
	}
	for tag := range tags {
		t.Errorf("the tag %s is not listed", tag)
	}
	for _, rt := range routes() {
		routed = append(routed, rt.method+" "+Prefix+rt.path)
	}
	slices.Sort(described)
	slices.Sort(routed)
	for _, what := range described {
		if !slices.Contains(routed, what) {
			t.Errorf("%s is described and not routed", what)
		}
	}
	for _, what := range routed {
		if !slices.Contains(described, what) {
			t.Errorf("%s is routed and not described", what)
		}
	}
}

// What a fault sends beside the story is not drawn.
func TestATimelineIsTheStoryAlone(t *testing.T) {
	sound, err := scenario.Parse("sound.yaml", []byte(story))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := scenario.Parse("faulty.yaml", []byte(strings.Replace(story, "call: customer", "{call: customer, fault: wrong-key}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := draw(sound)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := draw(forged); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, want %v, %v", got, want, err)
	}
}
