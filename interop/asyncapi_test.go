package interop

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario/assume"
)

// asyncVerdict is what the AsyncAPI parser and Ajv think of the document and of notifications.
type asyncVerdict struct {
	Diagnostics []struct {
		Code, Message, Path string
		Severity            int // 0: error, 1: warning, 2: information
	}
	Operations map[string]struct {
		Action   string
		Messages []string
	}
	Payloads map[string]any
	Read     int
	Refused  []struct {
		Line int
		Why  string
	}
}

// judgeAsync gives the document and bodies to judge.js.
func judgeAsync(t *testing.T, bodies [][]byte) (v asyncVerdict) {
	t.Helper()
	requireNode(t)
	install(t, "asyncapi")
	document := filepath.Join(t.TempDir(), "asyncapi.json")
	if err := os.WriteFile(document, event.AsyncAPI(), 0o600); err != nil {
		t.Fatal(err)
	}
	var in, stderr bytes.Buffer
	lines := json.NewEncoder(&in)
	for _, body := range bodies {
		if err := lines.Encode(string(body)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "node", "judge.js", document)
	cmd.Dir, cmd.Stdin, cmd.Stderr = "asyncapi", &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("judge.js: %v\n%s", err, &stderr)
	}
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatalf("judge.js says %s: %v", out, err)
	}
	if v.Read != len(bodies) {
		t.Errorf("judge.js read %d bodies of %d", v.Read, len(bodies))
	}
	return v
}

// described are the bodies of all ready-made scenarios whose types are described, in both versions.
func described(t *testing.T, assumed assume.Set) (bodies [][]byte) {
	t.Helper()
	for _, s := range stories(t) {
		for _, n := range s.notifications(t, assumed) {
			if _, err := event.ParseType(n.Type()); err == nil {
				bodies = append(bodies, n.AppendBody(nil))
			}
		}
	}
	return bodies
}

func TestAnIndependentParserReadsTheAsyncAPIDocument(t *testing.T) {
	v := judgeAsync(t, described(t, assume.Set{}))
	for _, d := range v.Diagnostics {
		if d.Severity < 2 || d.Code != "asyncapi-latest-version" { // 3.0 is what is asked for
			t.Errorf("%s at %s: %s", d.Code, d.Path, d.Message)
		}
	}
	var names []string
	for _, typ := range event.Types() {
		names = append(names, typ.String())
		var want any
		if err := json.Unmarshal(event.EnvelopeSchema(typ), &want); err != nil {
			t.Fatal(err)
		}
		delete(want.(map[string]any), "$schema")
		if got := v.Payloads[typ.String()]; !reflect.DeepEqual(without(got, "x-parser-"), want) {
			t.Errorf("%s: the payload differs from the JSON Schema: %v", typ, got)
		}
	}
	notify := v.Operations["notify"]
	if len(v.Operations) != 1 || notify.Action != "send" || !slices.Equal(notify.Messages, names) {
		t.Errorf("the operations are %v, want notify, which sends %v", v.Operations, names)
	}
	for _, r := range v.Refused {
		t.Errorf("notification %d: %s", r.Line, r.Why)
	}
}

// without leaves out members that the parser adds.
func without(value any, prefix string) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if strings.HasPrefix(name, prefix) {
				delete(value, name)
			} else {
				value[name] = without(inner, prefix)
			}
		}
	case []any:
		for i := range value {
			value[i] = without(value[i], prefix)
		}
	}
	return value
}

// The judge can say no: each of these differs from a lawful notification in one place.
func TestWrongNotificationsDoNotFitTheAsyncAPIDocument(t *testing.T) {
	var bodies [][]byte
	for _, wrong := range wrongNotifications {
		body := lawfulNotification(t, wrong.typ)
		change(t, body, wrong.path, wrong.value)
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, text)
	}
	refused := map[int]bool{}
	for _, r := range judgeAsync(t, bodies).Refused {
		refused[r.Line] = true
	}
	for i, wrong := range wrongNotifications {
		if !refused[i+1] && wrong.path[0] != "type" { // another type is another message
			t.Errorf("%s: fits", wrong.name)
		}
	}
}

// Another library of another language comes to the same verdict, whatever is assumed.
func TestNotificationsFitTheMessagesOfTheAsyncAPIDocument(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7) // what schemas of AsyncAPI documents are built on
	compiler.AssertFormat()
	if err := compiler.AddResource("asyncapi.json", fromJSON(t, event.AsyncAPI())); err != nil {
		t.Fatal(err)
	}
	messages := map[string]*jsonschema.Schema{}
	for _, typ := range event.Types() {
		m, err := compiler.Compile("asyncapi.json#/components/messages/" + typ.String() + "/payload")
		if err != nil {
			t.Fatal(err)
		}
		messages[typ.String()] = m
	}
	sets := []assume.Set{{}}
	for _, row := range assume.Rows() {
		if row.Name == assume.Workspace.String() {
			continue // it says which stories are possible, and changes none
		}
		for _, value := range row.Others {
			var set assume.Set
			if err := set.Change(row.Name, value); err != nil {
				t.Fatal(err)
			}
			sets = append(sets, set)
		}
	}
	met := map[string]bool{}
	for _, set := range sets {
		for _, body := range described(t, set) {
			value := fromJSON(t, body)
			typ := value.(map[string]any)["type"].(string)
			if met[typ] = true; messages[typ].Validate(value) != nil {
				t.Fatalf("%v: %v\n%s", set, messages[typ].Validate(value), body)
			}
		}
	}
	if len(met) != len(messages) {
		t.Errorf("notifications of %d types, want %d", len(met), len(messages))
	}
}
