package control

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
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

// Clients are written after the examples of errors.
func TestExamplesOfErrorsAreWhatIsSaid(t *testing.T) {
	var doc struct {
		Components struct {
			Responses map[string]struct {
				Content map[string]struct{ Example message }
			}
		}
	}
	if err := json.Unmarshal([]byte(OpenAPI()), &doc); err != nil {
		t.Fatal(err)
	}
	b := newBackend(t)
	full := &handler{Options: Options{Streams: maxStreams}}
	full.streams.Store(maxStreams)
	for name, err := range map[string]error{
		"NotFound": store.ErrNotFound, "Conflict": store.ErrNameTaken, "Broken": errInside{}, "Ended": context.Canceled,
		"TooMany": full.events(nil, nil), "Full": &store.Trouble{Kind: store.OverLimit, Cause: "1073741824 bytes, with 300000 waiting deliveries"},
	} {
		if _, said := explain(err); doc.Components.Responses[name].Content["application/json"].Example.Message != said.Message {
			t.Errorf("the example of %s is not %q", name, said.Message)
		}
	}
	for name, body := range map[string]string{
		"Malformed": `{"kind":7,"speed":1}`, "Invalid": `{"kind":"drop","count":0,"subscription_id":"x"}`, "TooLarge": strings.Repeat(" ", maxBody+1),
	} {
		status := map[string]int{"Malformed": 400, "Invalid": 422, "TooLarge": 413}[name]
		if said := b.want(status, "POST", "/faults", body)["message"]; doc.Components.Responses[name].Content["application/json"].Example.Message != said {
			t.Errorf("the example of %s is not %q", name, said)
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
