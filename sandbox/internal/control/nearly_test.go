package control

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// schema is what a body may hold, as far as names go.
type schema struct {
	Ref        string `json:"$ref"`
	Properties map[string]schema
	OneOf      []schema
}

// Every member and every parameter that the document lists is named to whoever mistypes it.
func TestAMemberOrParameterThatIsNearlyRightIsNamed(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters  []struct{ Name, In string }
			RequestBody struct {
				Content map[string]struct{ Schema schema }
			}
		}
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal([]byte(OpenAPI()), &doc); err != nil {
		t.Fatal(err)
	}
	b, tried := newBackend(t), 0
	said := func(method, path, body, meant string) {
		tried++
		path = regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(strings.TrimPrefix(path, Prefix), "ring")
		text := b.ask(strings.ToUpper(method), path, body).Body.String()
		if want := fmt.Sprintf(`(did you mean \"%s\"?)`, meant); !strings.Contains(text, want) {
			t.Errorf("%s %s %s: want %s, got %s", method, path, body, want, text)
		}
	}
	for path, item := range doc.Paths {
		for method, op := range item {
			for _, p := range op.Parameters {
				if p.In == "query" {
					said(method, path+"?"+p.Name+"x=1", "", p.Name)
				}
			}
			in := op.RequestBody.Content["application/json"].Schema
			if in.Ref != "" {
				in = doc.Components.Schemas[in.Ref[strings.LastIndex(in.Ref, "/")+1:]]
			}
			for _, in := range append(in.OneOf, in) {
				for name, member := range in.Properties {
					said(method, path, fmt.Sprintf(`{"%sx": 1}`, name), name)
					if member.Ref != "" {
						member = doc.Components.Schemas[member.Ref[strings.LastIndex(member.Ref, "/")+1:]]
					}
					for inner := range member.Properties {
						said(method, path, fmt.Sprintf(`{"%s": {"%sx": 1}}`, name, inner), inner)
					}
				}
			}
		}
	}
	if tried < 60 {
		t.Errorf("only %d names were tried", tried)
	}
}
