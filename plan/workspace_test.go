package plan_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// A story is checked again where the assumptions of a run forbid what its own allow.
func TestAWorkspaceOfTheRunIsChecked(t *testing.T) {
	const chat = "name: a\nstory: b\nsteps:\n  - chat: c\n  - ring: {agent: a, for: 1s}\n  - {consult: {agent: b, ring: 1s}, chance: 50%}\n  - finish: 1s\n"
	const transfer = "name: a\nstory: b\nassume: {workspace: any}\nsteps:\n  - chat: c\n  - ring: {agent: a, for: 1s}\n  - transfer: {agent: b, ring: 1s}\n  - finish: 1s\n"
	for _, row := range []struct{ text, workspace, want string }{
		{chat, "contactpad", ""},
		{chat, "any", ""},
		{chat, "calls-only", "x.yaml:6:6: consult: in this workspace agents only consult about and transfer calls; this is a chat (line 4); on the path where line 6 happens"},
		{transfer, "any", ""},
		{transfer, "contactpad", "x.yaml:7:5: transfer: in ContactPad agents consult about chats, but do not transfer them; this is a chat (line 5)"},
	} {
		sc, err := scenario.Parse("x.yaml", []byte(row.text))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // what was said once is said again
			_, err = plan.New(sc, plan.Options{Start: dawn, Assume: set(t, "workspace="+row.workspace)})
			if got := ""; err != nil {
				got = err.Error()
				var problems scenario.Problems
				if !errors.As(err, &problems) || !strings.Contains(problems.Detail(), "workspace: any") {
					t.Errorf("%s: %v", row.workspace, err)
				}
				if got != row.want {
					t.Errorf("%s: got %s\nwant %s", row.workspace, got, row.want)
				}
			} else if row.want != "" {
				t.Errorf("%s is taken; want %s", row.workspace, row.want)
			}
		}
	}
}
