package vccapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/vccapi"
)

func TestAFaultyBodyIsRefusedWithItsFaults(t *testing.T) {
	p := open(t)
	full := func(member string) string {
		return `{"name":"one","url":"http://127.0.0.1/","events":["*"],` + member + `}`
	}
	long := strings.Repeat("ä", 129)
	for body, want := range map[string]string{
		``:                                "the body is missing",
		`  `:                              "the body is missing",
		`x`:                               "the body is not JSON",
		`[]`:                              "the body must be a JSON object",
		`null`:                            "the body must be a JSON object",
		`{`:                               "but the text ends here",
		full(`"enabled":tru`):             "the body is not JSON",
		full(`"enabled":true`) + `{}`:     "want nothing after the value",
		"{\"name\":\"\xff\"}":             "the body is not UTF-8",
		`{}`:                              "name is missing; url is missing; events is missing",
		full(`"nmae":1`):                  `unknown member "nmae"`,
		full(`"Name":"x"`):                `unknown member "Name"`,
		full(`"name":"x"`):                "name is given twice",
		full(`"enabled":"yes"`):           "enabled must be true or false, and is a string",
		full(`"enabled":null`):            "enabled must be true or false, and is null",
		full(`"secret":12`):               "secret must be a string, and is a number",
		full(`"secret":""`):               "secret is empty: want the Base64 text of at least 32 bytes; leave it out to have one generated",
		full(`"secret":"` + long + `"`):   "secret has no Base64 in it",
		`{"name":1,"url":[],"events":{}}`: "name must be a string, and is a number; url must be a string, and is an array; events must be an array of strings, and is an object",
		`{"name":"a","url":"/","events":["x"],"enabled":1,"nmae":2}`: `enabled must be true or false, and is a number; unknown member "nmae" (did you mean "name"?); there are name, url, events, enabled and secret; name must be 3 to 128 characters long, and has 1; url must be a fully`,
		`{"name":1,"nmae":2}`: "name must be a string, and is a number; unknown member \"nmae\"",
		`{"name":"one","url":"http://127.0.0.1/","events":[1]}`:               "events[0] must be a string, and is a number",
		`{"name":"one","url":"http://127.0.0.1/","events":[]}`:                "events must name 1 to 100 event types, and names 0",
		`{"name":"one","url":"http://127.0.0.1/","events":["*","chanel.*"]}`:  `events[1]: "chanel.*" selects no event type (did you mean "channel.*"?); GET /webhooks/event-types lists them`,
		`{"name":"one","url":"http://127.0.0.1/","events":[""]}`:              `events[0]: "" selects no event type`,
		`{"name":"one","url":"http://127.0.0.1/","events":["channel.held"]}`:  "selects no event type", // the version is part of the name
		`{"name":"one","url":"http://127.0.0.1/","events":["` + long + `"]}`:  "events[0] is longer than 128 characters",
		`{"name":"ab","url":"http://127.0.0.1/","events":["*"]}`:              "name must be 3 to 128 characters long, and has 2",
		`{"name":"` + long + `","url":"http://127.0.0.1/","events":["*"]}`:    "name must be 3 to 128 characters long, and has 129",
		`{"name":" one","url":"http://127.0.0.1/","events":["*"]}`:            "name must not begin or end with white space",
		`{"name":"o\u0000e","url":"http://127.0.0.1/","events":["*"]}`:        "name must not hold control characters",
		`{"name":"a","url":"ftp://127.0.0.1/","events":["*"]}`:                "name must be 3 to 128 characters long, and has 1; url must be a fully qualified URL",
		`{"name":"one","url":"http://127.0.0.1/","events":["*"],"a":1,"a":2}`: `unknown member "a"`,
	} {
		r := p.call("POST", all, body)
		if r.status != 400 {
			t.Errorf("%s: got %d %s, want 400", body, r.status, r.body)
			continue
		}
		r.says(400, want)
	}
	if list, err := p.store.Subscriptions(t.Context()); err != nil || len(list) != 0 || p.changes.Load() != 0 {
		t.Errorf("the store has %v, %v", list, err)
	}
}

func TestNamesOf3To128CharactersAreTaken(t *testing.T) {
	p := open(t)
	for _, name := range []string{"äöü", strings.Repeat("ä", 128), "日本語", `a \"quoted\" one`} {
		p.create(`{"name":"` + name + `","url":"http://127.0.0.1/","events":["*"]}`)
	}
}

func TestRulesOfURLs(t *testing.T) {
	rules := vccapi.Rules{Allow: []string{"Public.Example", "192.0.2.1", "[2001:db8::1]"}}
	for url, want := range map[string]string{
		"https://consumer.example/events":                   "",
		"https://consumer.example:8443/events?a=b":          "",
		"HTTPS://CONSUMER.EXAMPLE.":                         "",
		"https://127.0.0.1/":                                "",
		"http://127.0.0.1:8080/":                            "",
		"http://127.255.255.254/":                           "",
		"http://10.1.2.3/":                                  "",
		"http://172.31.0.1/":                                "",
		"http://192.168.0.1/":                               "",
		"http://169.254.1.1/":                               "",
		"http://[::1]:8080/":                                "",
		"http://[fd00::1]/":                                 "",
		"http://[fe80::1%25eth0]/":                          "",
		"http://[::ffff:127.0.0.1]/":                        "",
		"http://localhost:3000/webhooks":                    "",
		"http://consumer:3000/":                             "",
		"http://host.docker.internal:3000/":                 "",
		"http://app.localhost/":                             "",
		"http://public.example/":                            "",
		"http://192.0.2.1/":                                 "",
		"https://[2001:db8::1]/":                            "",
		"http://consumer.example/":                          "must begin with https",
		"http://127.0.0.1.consumer.example/":                "must begin with https",
		"https://192.0.2.2/":                                "192.0.2.2 is neither loopback, private nor link-local, and is not an allowed host",
		"https://172.32.0.1/":                               "neither loopback",
		"https://0.0.0.0/":                                  "neither loopback",
		"https://[::]/":                                     "neither loopback",
		"https://[2001:db8::2]/":                            "neither loopback",
		"https://[::ffff:192.0.2.2]/":                       "neither loopback",
		"http://2130706433/":                                "address in its usual form",
		"http://0x7f.1/":                                    "address in its usual form",
		"http://169.254.169.254/latest/":                    "169.254.169.254 is where a cloud gives out credentials",
		"http://[::ffff:169.254.169.254]/":                  "where a cloud gives out credentials",
		"http://[fd00:ec2::254]/":                           "where a cloud gives out credentials",
		"http://metadata.google.internal/":                  "where a cloud gives out credentials",
		"http://Metadata.Google.Internal./":                 "where a cloud gives out credentials",
		"http://[64:ff9b::a9fe:a9fe]/":                      "where a cloud gives out credentials",
		"http://[fd00:64::a9fe:a9fe]/":                      "where a cloud gives out credentials",
		"http://169.254.169.254./":                          "where a cloud gives out credentials",
		"http://0251.0376.0251.0376/":                       "where a cloud gives out credentials",
		"http://2852039166/":                                "where a cloud gives out credentials",
		"http://127.1/":                                     "address in its usual form",
		"http://127.0.0.0x1/":                               "address in its usual form",
		"http://a..b/":                                      "address in its usual form",
		"http://./":                                         "address in its usual form",
		"":                                                  "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"127.0.0.1:3":                                       "such as http://127.0.0.1:3000/events",
		"consumer.example/events":                           "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"//consumer.example/events":                         "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"/events":                                           "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"https:consumer.example":                            "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"https:///events":                                   "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"https://:443/":                                     "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"ftp://127.0.0.1/":                                  "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"file:///etc/passwd":                                "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"https://127.0.0.1:x/":                              "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"https://[::1/":                                     "fully qualified URL: https, such as https://consumer.example/events, or http to a loopback",
		"https://127.0.0.1:0/":                              "port from 1 to 65535",
		"https://127.0.0.1:65536/":                          "port from 1 to 65535",
		"https://127.0.0.1:/":                               "port from 1 to 65535",
		"https://user:password@127.0.0.1/":                  "user name or password",
		"https://127.0.0.1@192.0.2.2/":                      "user name or password",
		"https://127.0.0.1/#x":                              "fragment",
		"https://127.0.0.1/#":                               "fragment",
		" https://127.0.0.1/":                               "ASCII without spaces",
		"https://127.0.0.1/a b":                             "ASCII without spaces",
		"https://127.0.0.1/\r\nX: y":                        "ASCII without spaces",
		"https://bücher.example/":                           "ASCII without spaces",
		"https://127.0.0.1/" + strings.Repeat("x", 2048-17): "longer than 2048 bytes",
	} {
		err := rules.Check(vccapi.Change{URL: &url})
		if want == "" && err != nil {
			t.Errorf("%s: got %v, want none", url, err)
		}
		if want != "" && (err == nil || !strings.HasPrefix(err.Error(), "url ") || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", url, err, want)
		}
	}
}

func TestNoErrorRepeatsASecretOrAURL(t *testing.T) {
	for _, body := range []string{
		`{"secret":"` + strings.Repeat("hunter2", 8<<10) + `"}`,
		`{"secret":"=hunter2"}`,
		`{"secret":["hunter2"]}`,
		`{"secret":"hunter2","secret":"hunter2"}`,
		`{"secret":"hunter2"`,
		`{"secret":hunter2}`,
		`{"url":"https://user:hunter2@127.0.0.1/"}`,
		`{"url":"https://127.0.0.1:hunter2/"}`,
		`{"url":"hunter2 "}`,
	} {
		c, err := vccapi.ReadChange([]byte(body))
		if err == nil {
			err = vccapi.Rules{}.Check(c)
		}
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", body, err)
		}
	}
	c, err := vccapi.ReadChange([]byte(`{"secret":"` + aSecret + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(got, aSecret) || strings.Contains(got, "thirty-two") || strings.Contains(got, "116 104") {
		t.Errorf("a printed change shows its secret: %s", got)
	}
}

func TestARefusedChangeLeavesTheSubscription(t *testing.T) {
	name, url, events := "one", "http://127.0.0.1/", []string{"*"}
	s, err := vccapi.Rules{}.New(vccapi.Change{Name: &name, URL: &url, Events: &events}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	events[0] = "channel.*" // the caller's own
	bad, good := "x", "another"
	if err := (vccapi.Rules{}).Apply(vccapi.Change{Name: &good, URL: &bad}, &s, time.Now()); err == nil || s.Name != "one" || s.Events[0] != "*" {
		t.Errorf("got %v and %+v", err, s)
	}
}
