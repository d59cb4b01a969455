package sqlstate

import (
	"strings"
	"testing"
)

func TestTheParameterIsBoundAndNothingElse(t *testing.T) {
	tests := []struct{ address, query, want string }{
		{"postgres:", "SELECT 1 WHERE a = :conversation OR b=:conversation", "SELECT 1 WHERE a = $1 OR b=$1"},
		{"mysql:", "SELECT 1 WHERE a = :conversation OR b=:conversation", "SELECT 1 WHERE a = ? OR b=?"},
		{"sqlite:", "SELECT 1 WHERE a = :conversation OR b=:conversation", "SELECT 1 WHERE a = ?1 OR b=?1"},
		{"postgres:", `SELECT ':conversation', 'it''s :conversation', ":conversation" -- :conversation
			/* :conversation */ , $$ :conversation $$, $a$ :conversation $b$ :conversation $a$, E'\' :conversation' , x::conversation, a[1:2] FROM t WHERE e = :conversation::uuid`,
			`SELECT ':conversation', 'it''s :conversation', ":conversation" -- :conversation
			/* :conversation */ , $$ :conversation $$, $a$ :conversation $b$ :conversation $a$, E'\' :conversation' , x::conversation, a[1:2] FROM t WHERE e = $1::uuid`},
		{"postgres:", `SELECT note'\', :conversation`, `SELECT note'\', $1`},
		{"mysql:", "SELECT '\\' :conversation', \"\\\" :conversation\", `:conversation` # :conversation\n, :conversation", "SELECT '\\' :conversation', \"\\\" :conversation\", `:conversation` # :conversation\n, ?"},
		{"sqlite:", `SELECT [:conversation], '\', :conversation, 'ü:conversation'`, `SELECT [:conversation], '\', ?1, 'ü:conversation'`},
		{"sqlite:", "SELECT :conversation, ':conversation", "SELECT ?1, ':conversation"},
		{"mysql:", "SELECT a#b, :conversation", ""},
		{"sqlite:", "SELECT ':conversation'", ""},
		{"sqlite:", " \n", ""},
		{"sqlite:", "SELECT :conversationId", ""},
		{"sqlite:", "SELECT :Conversation", ""},
	}
	for _, test := range tests {
		d, err := dialectOf(test.address + "x")
		if err != nil {
			t.Fatal(err)
		}
		got, n, err := d.bind(test.query)
		switch {
		case test.want == "":
			if err == nil {
				t.Errorf("%s: %q is taken as %q", test.address, test.query, got)
			}
		case err != nil || got != test.want:
			t.Errorf("%s: %q, %v; want %q", test.address, got, err, test.want)
		case d.marker == "?" && n != strings.Count(test.want, "?") || d.marker != "?" && n != 1:
			t.Errorf("%s: %q binds %d values", test.address, got, n)
		}
	}
}

func FuzzBind(f *testing.F) {
	f.Add("SELECT 'a', $a$ x $a$, /* */ :conversation -- x", uint8(0))
	f.Fuzz(func(t *testing.T, query string, kind uint8) {
		d := &dialects[int(kind)%len(dialects)]
		text, n, err := d.bind(query)
		if err == nil && (n < 1 || strings.Count(query, ":"+parameter) < strings.Count(text, d.marker)-strings.Count(query, d.marker)) {
			t.Errorf("%q became %q with %d values", query, text, n)
		}
	})
}
