package control

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/evidence"
	"github.com/ringback/ringback/scenario/fault"
)

func TestTheCatalogueIsTheTableOfEvidence(t *testing.T) {
	b := newBackend(t)
	for query, want := range map[string]int{
		"": len(evidence.All()), "?group=fault": len(fault.Kinds()), "?subject=channel.held.v1": 1, "?subject=wrong-key": 2, "?subject=agentId": 3,
	} {
		entries := b.want(200, "GET", "/explain"+query, "")["entries"].([]any)
		if len(entries) != want {
			t.Errorf("%q: %d entries, want %d", query, len(entries), want)
		}
		for _, e := range entries {
			if e := e.(map[string]any); e["is"] == "" || len(e["rules"].([]any)) == 0 {
				t.Errorf("%q: %v", query, e)
			}
		}
	}
	for query, want := range map[string]string{
		"?subject=chanel.held":               `did you mean "channel.held"?`,
		"?subject=" + strings.Repeat("x", 9): "GET /sandbox/v1/explain lists all subjects",
	} {
		if got := b.want(404, "GET", "/explain"+query, "")["message"].(string); !strings.Contains(got, want) {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
	for query, want := range map[string]string{
		"?group=fautl":               `did you mean "fault"?`,
		"?group=fault&subject=drop":  "give subject or group, not both",
		"?word=drop":                 "unknown parameter",
		"?subject=drop&subject=drop": "subject: given twice",
	} {
		if got := b.want(400, "GET", "/explain"+query, "")["message"].(string); !strings.Contains(got, want) {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
}
