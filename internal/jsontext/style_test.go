package jsontext

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestStyles(t *testing.T) {
	const body = `{"source":"/agent","n":[1,{}],"data":{"description":"Ready ü","reason":"","q":"\"𝄞\n","x":null}}`
	for style, want := range map[Style]string{
		Compact:   body,
		Spaced:    `{"source": "/agent", "n": [1, {}], "data": {"description": "Ready ü", "reason": "", "q": "\"𝄞\u000a", "x": null}}`,
		Pretty:    "{\n  \"source\": \"/agent\",\n  \"n\": [\n    1,\n    {}\n  ],\n  \"data\": {\n    \"description\": \"Ready ü\",\n    \"reason\": \"\",\n    \"q\": \"\\\"𝄞\\u000a\",\n    \"x\": null\n  }\n}",
		Reordered: `{"data":{"x":null,"q":"\"𝄞\u000a","reason":"","description":"Ready ü"},"n":[1,{}],"source":"/agent"}`,
		Escaped:   `{"\u0073ource":"\/agent","\u006e":[1,{}],"\u0064ata":{"\u0064escription":"\u0052eady \u00fc","\u0072eason":"","\u0071":"\u0022\ud834\udd1e\u000a","\u0078":null}}`,
		Newline:   strings.Replace(body, `\n`, `\u000a`, 1) + "\n",
		NonASCII:  `{"source":"/agent","n":[1,{}],"data":{"description":"Réädy ü 📞","reason":"","q":"\"𝄞\u000a","x":null}}`,
	} {
		got := string(AppendStyled([]byte("before "), []byte(body), style))
		if got != "before "+want {
			t.Errorf("%s: got\n%s\nwant\n%s", Styles()[style], got, want)
		}
		var was, is any
		if err := json.Unmarshal([]byte(want), &is); err != nil || json.Unmarshal([]byte(body), &was) != nil || style != NonASCII && !reflect.DeepEqual(is, was) {
			t.Errorf("%s: %v; it is no longer what it was", Styles()[style], err)
		}
		if twice := string(AppendStyled(nil, []byte(want), Reordered)); !json.Valid([]byte(twice)) {
			t.Errorf("%s, reordered: %s", Styles()[style], twice)
		}
	}
}

func TestWhatIsNoJSONHasNoStyle(t *testing.T) {
	for _, text := range []string{"", "{", "no JSON", "{} {}", "\"\xff\""} {
		for style := range Styles() {
			if got := string(AppendStyled(nil, []byte(text), Style(style))); got != text {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
}

func FuzzAStyledTextSaysTheSame(f *testing.F) {
	f.Add([]byte(`{"source":"/agent","n":[1,{}],"data":{"a":"Ready ü","q":"\"𝄞\n","x":null}}`), uint8(4))
	f.Add([]byte(" [ ] "), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, style uint8) {
		s := Style(style % uint8(NonASCII)) // which says something else
		got := AppendStyled(nil, text, s)
		var was, is any
		if json.Unmarshal(text, &was) != nil {
			return
		}
		if err := json.Unmarshal(got, &is); err != nil || !reflect.DeepEqual(is, was) {
			t.Fatalf("%s: %q became %q: %v", Styles()[s], text, got, err)
		}
	})
}

// What a value says is the same in each style, whatever is in its texts and names.
func TestStylesKeepWhatIsSaid(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `[ ]`, ` { } `, `"a"`, `1`, `{"a":{},"b":[],"c":[[],{}]}`, `{"a":"}","b":"]","c":"\"","d":"\\","e":"\\\"","f":","}`,
		`{ "a:b" : 1 , "c,d" : [ 1 , "x,y" , { "e" : null } ] }`, `[true,false,null,-1.5e3]`, `{"\"":1,"\u0041":2,"é":"\ud83d\ude00"}`, `{"a":1,"a":2}`,
	} {
		var want any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		for style, name := range Styles() {
			var got any
			written := AppendStyled(nil, []byte(text), Style(style))
			if err := json.Unmarshal(written, &got); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s in the style %s is %s: %v, %v", text, name, written, got, err)
			}
		}
	}
}
