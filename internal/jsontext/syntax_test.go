package jsontext_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/jsontext"
)

// syntax has texts and the first thing that is wrong with them, if anything is.
var syntax = map[string]string{
	`{"a": [1, -0.5e+3, true, false, null, "\u00e9\n"], "b": {}, "c": []}`: "",
	"":                                       "line 1, column 1: want a value, but the text ends here",
	`{"a" 1}`:                                "line 1, column 6: want a colon, got 1",
	`{"a":1 "b":2}`:                          `line 1, column 8: want a comma or }, got "`,
	"{\n  \"a\": 1,\n}":                      "line 3, column 1: want a member's name in double quotes, got }",
	`{'a':1}`:                                "line 1, column 2: want a member's name in double quotes, or }, got '",
	`{"é": x}`:                               "line 1, column 7: want a value, got x",
	`[1 2]`:                                  "line 1, column 4: want a comma or ], got 2",
	`[1,]`:                                   "line 1, column 4: want a value, got ]",
	`[}`:                                     "line 1, column 2: want a value or ], got }",
	`{"a":1}}`:                               "line 1, column 8: want nothing after the value, got }",
	`1 2`:                                    "line 1, column 3: want nothing after the value, got 2",
	`12`:                                     "",
	`01`:                                     "line 1, column 2: want nothing after the value, got 1",
	`{"a":01}`:                               "line 1, column 7: want a comma or }, got 1",
	`{"a":1.}`:                               "line 1, column 8: want a digit after the point, got }",
	`{"a":-}`:                                "line 1, column 7: want a digit, got }",
	`{"a":1e}`:                               "line 1, column 8: want a digit, + or - after e, got }",
	`not json`:                               "line 1, column 2: want null, true or false, got o",
	`nul`:                                    "line 1, column 4: want null, true or false, but the text ends here",
	`"\x"`:                                   `line 1, column 3: want one of "\/bfnrtu after a backslash, got x`,
	`"\u12x4"`:                               `line 1, column 6: want four hexadecimal digits after \u, got x`,
	`{"\u0061":"\u0061"}`:                    "",
	"\"a\nb\"":                               `line 1, column 3: want no control character within a string; write it as an escape such as \n, got a line break`,
	"\"a\x01":                                `line 1, column 3: want no control character within a string; write it as an escape such as \n, got character U+0001`,
	"{\n \"ab":                               "line 2, column 5: the text ends within a string that begins in line 2, column 2",
	"{\"a\":":                                "line 1, column 6: want a value, but the text ends here",
	"\ufeff{}":                               "line 1, column 1: want a value, got a byte order mark",
	"\xff":                                   "line 1, column 1: want a value, got byte 0xff",
	strings.Repeat("[", jsontext.MaxDepth+1): "line 1, column 10001: objects and arrays are nested too deep",
}

func TestCheckSaysWhereAndWhatWasWanted(t *testing.T) {
	for text, want := range syntax {
		got := ""
		if err := jsontext.Check([]byte(text)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%.60q: got  %s\nwant %s", text, got, want)
		}
	}
}

// A value is JSON for both or for none, and the scanner alone would say so, too.
func FuzzCheck(f *testing.F) {
	for text := range syntax {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := jsontext.NewScanner(1, 1)
		var wrong *jsontext.SyntaxError
		for i := 0; i < len(text) && wrong == nil; i++ {
			wrong = s.Step(text[i:])
		}
		if wrong == nil {
			wrong = s.End()
		}
		if json.Valid(text) != (wrong == nil) {
			t.Errorf("%q: json.Valid says %t, the scanner %v", text, json.Valid(text), wrong)
		}
	})
}
