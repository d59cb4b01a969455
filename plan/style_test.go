package plan_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// In every style a body is another text and says the same, but for the texts that are no ASCII.
func TestBodiesInEveryStyle(t *testing.T) {
	sampling.Long(t)
	plain := all(planned(t, load(t, "everything"), plan.Options{Start: dawn, Count: 5}))
	for _, style := range assume.Rows()[assume.BodyStyle].Others {
		styled := all(planned(t, load(t, "everything"), plan.Options{Start: dawn, Count: 5, Assume: set(t, "body-style="+style)}))
		changed, typed := 0, 0
		for i := range styled {
			was, is := plain[i].AppendBody(nil), styled[i].AppendBody(nil)
			if !bytes.Equal(is, styled[i].AppendBody(nil)) {
				t.Fatalf("%s: a second encoding of number %d gives other bytes", style, i)
			}
			if plain[i].Raw != nil {
				if !bytes.Equal(was, is) {
					t.Errorf("%s: a body that the story wrote became %s", style, is)
				}
				continue
			}
			typed++
			if !bytes.Equal(was, is) {
				changed++
			}
			if _, err := event.Parse(is); err != nil {
				t.Fatalf("%s: %s: %v", style, is, err)
			}
			if texts := style == "non-ascii" || style == "mixed"; !texts && !says(t, was, is) {
				t.Fatalf("%s: got\n%s\nwant the same as\n%s", style, is, was)
			}
		}
		if all := style != "non-ascii" && style != "mixed"; changed == 0 || all && changed != typed {
			t.Errorf("%s: %d of %d bodies are other texts", style, changed, typed)
		}
	}
}

// says reports whether two texts are the same JSON.
func says(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

// The fault makes another text of each body, whichever style the others have.
func TestAFaultOfTheStyle(t *testing.T) {
	for _, style := range []string{"compact", "pretty", "non-ascii", "mixed"} {
		o := plan.Options{Start: dawn, Count: 30, Assume: set(t, "body-style="+style)}
		plain := all(planned(t, load(t, "hold"), o))
		o.Faults = ruled(t, "body-style 100%")
		seen := map[string]bool{}
		for i, n := range all(planned(t, load(t, "hold"), o)) {
			was, is := plain[i].AppendBody(nil), n.AppendBody(nil)
			if bytes.Equal(was, is) || n.Fault != fault.BodyStyle || n.Extra || n.Want != fault.Accept || n.Signed != nil {
				t.Fatalf("%s: %s became %s, signed %s", style, was, is, n.Signed)
			}
			if e, err := event.Parse(is); err != nil || e.ID.String() != n.ID() || e.Type.String() != n.Type() || e.Channel.ConversationID.String() != n.ConversationID() {
				t.Fatalf("%s: %s: %v", style, is, err)
			}
			for name, mark := range map[string]string{"spaced": `", "`, "pretty": "\n  ", "escaped": `\u00`, "newline": "}\n", "reordered": `{"data"`, "non-ascii": "é"} {
				seen[name] = seen[name] || strings.Contains(string(is), mark)
			}
		}
		if len(seen) != 6 {
			t.Errorf("%s: the styles are %v", style, seen)
		}
		for name, is := range seen {
			if !is && name != style {
				t.Errorf("%s: no body is %s", style, name)
			}
		}
	}
}

// Other faults of the body work in every style.
func TestFaultsOfStyledBodies(t *testing.T) {
	for _, style := range assume.Rows()[assume.BodyStyle].Others {
		for _, kind := range []fault.Kind{fault.TamperedBody, fault.UnknownMember, fault.MissingMember, fault.UnknownType, fault.MalformedJSON} {
			o := plan.Options{Start: dawn, Assume: set(t, "body-style="+style), Faults: ruled(t, kind.String()+" 100%")}
			for _, n := range of(all(planned(t, load(t, "hold"), o)), kind) {
				body := n.AppendBody(nil)
				_, err := event.Read(body)
				switch {
				case kind == fault.TamperedBody && (err != nil || bytes.Equal(body, n.Signed) || says(t, body, n.Signed)),
					kind == fault.UnknownMember && (err != nil || !bytes.Contains(body, []byte("ampled"))),
					kind == fault.MalformedJSON && json.Valid(body),
					kind == fault.MissingMember && (err == nil || !json.Valid(body)),
					kind == fault.UnknownType && !strings.Contains(err.Error(), "channel.sampled.v0"):
					t.Fatalf("%s, %s: %s, signed %s: %v", style, kind, body, n.Signed, err)
				}
			}
		}
	}
}
