package dimension

import (
	"bytes"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// useless are signed bodies that no consumer can use. Each stands for the whole body, or for what follows the members
// that each notification has.
var useless = []struct{ id, story, body string }{
	{"text", "The body is a text.", "Hello"},
	{"cut", "The body is the beginning of a JSON object.", `{"specversion":"1.0","type":"channel.held.v0",`},
	{"empty", "There is no body.", ""},
	{"null", "The body is null.", "null"},
	{"array", "The body is an array.", `[{"specversion":"1.0"}]`},
	{"number", "The body is a number.", "42"},
	{"object", "The body is an empty object.", "{}"},
	{"not-utf-8", "The body is not UTF-8.", "{\"specversion\":\"\xff\xfe\"}"},
	{"no-data", "The body has no data.", `}`},
	{"null-data", "The data is null.", `,"data":null}`},
	{"other-data", "The data is a text.", `,"data":"channel"}`},
	{"empty-data", "The data is empty.", `,"data":{}}`},
	{"channel-text", "The channel is a text.", `,"data":{"timestamp":"2025-03-03T09:00:00.000Z","channel":"none"}}`},
}

// unusableRecipes have a body that cannot be used, amid a call that goes on.
func unusableRecipes() (all []recipe) {
	for _, u := range useless {
		all = append(all, recipe{id: "unusable/" + u.id, story: u.story, rules: []rulebook.ID{rulebook.AnswerUnusable}, make: func(m *maker) {
			all := m.agentCall(how{})
			for i, n := range m.renewed(all) {
				if m.send(all[i]); i == 1 {
					n.Body, n.Note = unusable(n.Body, u.body), trial.Note{}
					m.send(n)
				}
			}
		}})
	}
	return all
}

// unusable is a body that follows what each notification has, or stands for it.
func unusable(body []byte, text string) []byte {
	if end := bytes.Index(body, []byte(`,"data":`)); end > 0 && text != "" && strings.ContainsRune(",}", rune(text[0])) {
		return append(bytes.Clone(body[:end]), text...)
	}
	return []byte(text)
}
