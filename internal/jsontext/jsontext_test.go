package jsontext_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/jsontext"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", `"quoted\"`, "a\x00\x1f\n", "é日𝄞\u2028", "\xff\xc3", "</script>&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := jsontext.AppendString([]byte("x"), s)
		var got string
		if err := json.Unmarshal(text[1:], &got); err != nil || utf8.ValidString(s) && got != s {
			t.Errorf("%q became %s: %q, %v", s, text, got, err)
		}
	})
}
