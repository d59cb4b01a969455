package examine_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// Who takes longer than ten seconds for one type is found out, whether it stores that before or behind, and the rest is examined within the same
// budget: other types, and the same one of other roles.
func TestOneTypeThatIsAnsweredTooLate(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	each := func(_ bool, usual func() int) int {
		time.Sleep(10500 * time.Millisecond)
		return usual()
	}
	cases := []struct {
		name, kind, role string
		others           int // notifications of the type that come of other roles
		late             func(first bool, usual func() int) int
	}{
		{"of one role", "channel.ended.", "agent", 1000, each},
		{"each time, and stored in the end", "channel.wrapstarted.", "agent", 0, each},
		{"stored, and answered too late the first time", "channel.wrapstarted.", "agent", 0, func(first bool, usual func() int) int {
			status := usual()
			if first {
				time.Sleep(10500 * time.Millisecond)
			}
			return status
		}},
	}
	for _, c := range sampling.Some(cases, 3, sampling.Examinations) {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lock sync.Mutex
				seen, others := map[string]bool{}, 0
				x := inMemory(t, &counting{answers: time.Millisecond}, func(n trial.Note, usual func() int) int {
					if !strings.HasPrefix(n.Type, c.kind) {
						return usual()
					}
					lock.Lock()
					first, slow := !seen[n.ID], n.Role == c.role
					seen[n.ID] = true
					if !slow {
						others++
					}
					lock.Unlock()
					if !slow {
						return usual()
					}
					return c.late(first, usual)
				})
				report, err := x.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if len(report.Findings) != 1 || report.Findings[0].Rule.ID != rulebook.AnswerInTime || !strings.Contains(report.Findings[0].Text, c.kind+"v") {
					t.Errorf("%+v", report.Findings)
				}
				if report.Sent < 1000 {
					t.Errorf("only %d notifications were sent", report.Sent)
				}
				if others < c.others {
					t.Errorf("%d notifications of the type came of other roles, want %d or more", others, c.others)
				}
			})
		})
	}
}
