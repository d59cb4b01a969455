package examine_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// Who accepts forgeries and stores nothing of them knows them: what that means is told, and not that nothing is verified. Who stores them, at
// once or a while later, does not.
func TestWhoAnswers204AndStoresNothingIsToldWhatThatMeans(t *testing.T) {
	t.Parallel()
	const drops, verifiesNothing = "answers what is not authentic with 204 No Content, and stores nothing of it", "does not verify the signature"
	for name, c := range map[string]struct {
		forged func(*counting) func(trial.Note) int
		want   string
	}{
		"drops": {func(*counting) func(trial.Note) int { return func(trial.Note) int { return http.StatusNoContent } }, drops},
		"stores": {func(known *counting) func(trial.Note) int {
			return func(n trial.Note) int {
				known.store(n)
				return http.StatusNoContent
			}
		}, verifiesNothing},
		"stores later": {func(known *counting) func(trial.Note) int {
			return func(n trial.Note) int {
				time.AfterFunc(300*time.Millisecond, func() { known.store(n) })
				return http.StatusNoContent
			}
		}, verifiesNothing},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				known := &counting{}
				known.forged = c.forged(known)
				x := inMemory(t, known, nil)
				x.Only = []string{"verify-signature", "require-token", "only-hs256", "refuse-expired", "refuse-without-storing"}
				report, err := x.Run(t.Context())
				if err != nil || len(report.Findings) != 1 || report.Findings[0].Rule.ID != rulebook.VerifySignature || !strings.HasPrefix(report.Findings[0].Text, c.want) {
					t.Errorf("%v; %+v; want %s", err, report.Findings, c.want)
				}
				if f := report.Findings[0]; name == "drops" && (len(f.Replay) != 1 || f.Repeat > 0 || !strings.Contains(f.Rule.Mend, "401")) {
					t.Errorf("it is shown by %v, %d times; mend: %s", f.Replay, f.Repeat, f.Rule.Mend)
				}
			})
		})
	}
}
