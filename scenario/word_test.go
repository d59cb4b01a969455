package scenario

import (
	"testing"

	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// Each word of the language has operations: the table of words and internal/story agree.
func TestEveryWordHasOperations(t *testing.T) {
	for _, w := range words {
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s: %v", w.name, r)
				}
			}()
			sc := &Scenario{Steps: []Step{{Word: w.name, Chance: 1, Name: "customer", Agent: "alice", Send: &Send{},
				Branches: []Branch{{Weight: 1}}, Presence: "ready"}}}
			if prog, _ := story.Lower(&source.File{}, nil, sc.Steps); len(story.Ops(prog)) == 0 {
				t.Errorf("%s has no operations", w.name)
			}
		}()
	}
}
