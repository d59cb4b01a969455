package published

import "testing"

// What Like lets pass is no test of anything.
func TestLikeTellsAnswersApart(t *testing.T) {
	for _, c := range []struct {
		want, got string
		like      bool
	}{
		{`{"a":"…","b":1}`, "{\"a\": \"x\\\"\",\n\"b\": 1}\n", true},
		{`{"a":"…","b":1}`, `{"b":1,"a":"x"}`, false},
		{`{"a":"…","b":1}`, `{"a":"","b":1}`, false},
		{`{"a":"…","b":1}`, `{"a":"x","b":1,"c":2}`, false},
		{`{"a":"…","b":1}`, `{"a":"x","b":"1"}`, false},
		{`{"a":"…","b":1}`, `{"a":"x","b":1}{}`, false},
		{`{"a":"…"}`, `{"a":"x","a":"y"}`, false},
		{`{"a":[«{"b":"…"}»]}`, `{"a":[{"b":"x"},{"b":"y"}]}`, true},
		{`{"a":[«{"b":"…"}»]}`, `{"a":[{"b":"x"},{"c":"y"}]}`, false},
		{`{"a":[«{"b":"…"}»]}`, `{"a":[]}`, false},
		{`{"a":{…}}`, `{"a":{"b":[]}}`, true},
		{`{"a":{…}}`, `{"a":{}}`, false},
		{`{"a":"…"}`, ``, false},
		{``, ``, true},
		{``, `{}`, false},
	} {
		if err := Like(c.want, []byte(c.got)); (err == nil) != c.like {
			t.Errorf("%s like %s: %v", c.got, c.want, err)
		}
	}
}
