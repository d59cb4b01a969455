package ringbacktest_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/ringbacktest"
	"github.com/ringback/ringback/signature"
)

// reference is the reference consumer.
func reference(t *testing.T) http.Handler {
	t.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	return receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
}

func accepting() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
}

func TestExaminePassesACorrectConsumer(t *testing.T) {
	told := watch(t, func(t testing.TB) {
		ringbacktest.Examination{Check: []string{"verify-signature"}}.Examine(t, reference(t.(*fake).TB.(*testing.T)))
	})
	if told.said() != "" || len(told.logs) != 1 || !strings.Contains(told.logs[0], "set State: refuse-without-storing") {
		t.Errorf("errors %q, logs %q; want what was not tested, alone", told.errors, told.logs)
	}
}

func TestExamineNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name     string
		x        ringbacktest.Examination
		consumer http.Handler
		says     string
		ended    bool
	}{
		{"no signature is verified", ringbacktest.Examination{Check: []string{"verify-signature"}}, accepting(),
			"failed: the consumer does not verify the signature: anybody can send it anything (verify-signature)", false},
		{"it can be repeated", ringbacktest.Examination{Check: []string{"verify-signature"}, Seed: 7}, accepting(), `again   the same ringbacktest.Examination, with Seed: 7, Check: []string{"`, false},
		{"a waiver that has expired", ringbacktest.Examination{Check: []string{"verify-signature"}, Waivers: "verify-signature=later until 2020-01-01"}, accepting(),
			"Waivers:1: the waiver of verify-signature expired on 2020-01-01", false},
		{"an unknown rule", ringbacktest.Examination{Check: []string{"verify-signatur"}}, accepting(), `did you mean "verify-signature"?`, true},
		{"a profile with a problem", ringbacktest.Examination{Profile: "version: [v0]"}, accepting(), "Profile:1:1", true},
		{"everything is refused", ringbacktest.Examination{}, http.NotFoundHandler(), "404 Not Found", true},
		{"a state that is none", ringbacktest.Examination{State: "/calls/{conversationId}"}, accepting(), "ringbacktest: the", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			told := watch(t, func(t testing.TB) { c.x.Examine(t, c.consumer) })
			if !strings.Contains(told.said(), c.says) || told.ended != c.ended {
				t.Errorf("ended %t, want %t; want %q in\n%s", told.ended, c.ended, c.says, told.said())
			}
		})
	}
}

// After a crash, the consumer is made anew, and requests in flight are cut.
func TestExamineCrashesTheConsumer(t *testing.T) {
	var made atomic.Int64
	told := watch(t, func(t testing.TB) {
		ringbacktest.Examination{Check: []string{"store-before-answer"}, Budget: 5 * time.Second, Restarted: func() http.Handler {
			made.Add(1)
			return accepting()
		}}.Examine(t, accepting())
	})
	if !strings.Contains(told.said(), "store-before-answer could not be tested: set State") || made.Load() == 0 {
		t.Errorf("made %d times: %s", made.Load(), told.said())
	}
}
