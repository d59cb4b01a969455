package receiver_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

var (
	secret = signature.Secret("0123456789abcdef0123456789abcdef")
	older  = signature.Secret("fedcba9876543210fedcba9876543210")
	alien  = signature.Secret("ffffffffffffffffffffffffffffffff")
)

// now is the moment of all requests in these tests.
func now() time.Time { return dawn.Add(time.Second) }

// post is a request that is right in every way unless change makes it wrong.
func post(body []byte, change func(*http.Request)) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/cloudevents+json")
	req.Header.Set(signature.HeaderName, signature.Sign(secret, body, now()))
	if change != nil {
		change(req)
	}
	return req
}

func header(name, value string) func(*http.Request) {
	return func(req *http.Request) { req.Header.Set(name, value) }
}

func signed(key signature.Secret, body []byte, age time.Duration) func(*http.Request) {
	return header(signature.HeaderName, signature.Sign(key, body, now().Add(-age)))
}

// answerCase is a request and what is to become of it.
type answerCase struct {
	name   string
	req    *http.Request
	status int
	result receiver.Result
	code   receiver.Code
}

func TestAnswers(t *testing.T) {
	w := &world{t: t}
	body := event.Append(nil, w.at(w.channel(1, event.V0), event.Alerted, 0))
	replaced := func(old, new string) []byte { return bytes.Replace(body, []byte(old), []byte(new), 1) }
	unknown, faulty, extended := replaced("alerted.v0", "detailed.v0"), replaced(`"agent"`, `"boss"`), replaced(`"data":{`, `"data":{"more":1,`)
	unsigned := "eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9."

	for _, c := range []answerCase{
		{"a sound notification", post(body, nil), 200, receiver.Accepted, ""},
		{"a member that the API added", post(extended, nil), 200, receiver.Accepted, ""},
		{"a charset, and a media type in capitals", post(body, header("Content-Type", "Application/CloudEvents+JSON; charset=utf-8")), 200, receiver.Accepted, ""},
		{"a fault in a parameter that does not matter", post(body, header("Content-Type", "application/cloudevents+json; charset")), 200, receiver.Accepted, ""},
		{"the older of two keys", post(body, signed(older, body, 0)), 200, receiver.Accepted, ""},
		{"the prefix of older senders", post(body, header(signature.HeaderName, "Bearer "+signature.Sign(secret, body, now()))), 200, receiver.Accepted, ""},
		{"an unknown type", post(unknown, nil), 200, receiver.Ignored, ""},

		{"another method", post(body, func(r *http.Request) { r.Method = http.MethodPut }), 405, receiver.Refused, receiver.WrongMethod},
		{"another content type", post(body, header("Content-Type", "application/json")), 415, receiver.Refused, receiver.WrongContentType},
		{"no content type", post(body, func(r *http.Request) { r.Header.Del("Content-Type") }), 415, receiver.Refused, receiver.WrongContentType},
		{"a body beyond the limit", post(bytes.Repeat([]byte(" "), 2000), nil), 413, receiver.Refused, receiver.BodyTooLarge},
		{"a body that breaks off", post(body, func(r *http.Request) { r.Body = io.NopCloser(iotest.ErrReader(errors.New("gone"))) }), 400, receiver.Refused, receiver.UnreadableBody},
		{"no signature", post(body, func(r *http.Request) { r.Header.Del(signature.HeaderName) }), 401, receiver.Refused, receiver.MissingSignature},
		{"a signature that is no token", post(body, header(signature.HeaderName, "a.b.c")), 401, receiver.Refused, receiver.MalformedSignature},
		{"a token without algorithm", post(body, header(signature.HeaderName, unsigned)), 401, receiver.Refused, receiver.ForbiddenAlgorithm},
		{"an unknown key", post(body, signed(alien, body, 0)), 401, receiver.Refused, receiver.WrongKey},
		{"an expired token", post(body, signed(secret, body, signature.Lifetime)), 401, receiver.Refused, receiver.ExpiredSignature},
		{"an expired token of the older key", post(body, signed(older, body, signature.Lifetime)), 401, receiver.Refused, receiver.ExpiredSignature},
		{"a token for another body", post(body, signed(secret, unknown, 0)), 401, receiver.Refused, receiver.HashMismatch},
		{"a faulty body", post(faulty, nil), 400, receiver.Refused, receiver.FaultyBody},
		{"an empty body", post(nil, nil), 400, receiver.Refused, receiver.FaultyBody},
		{"a faulty body with a faulty signature", post(faulty, signed(alien, faulty, 0)), 401, receiver.Refused, receiver.WrongKey},
	} {
		t.Run(c.name, c.check)
	}
}

func (c answerCase) check(t *testing.T) {
	var heard []receiver.Judgement
	r := receiver.New(receiver.Options{
		Secrets: []signature.Secret{secret, older}, SignaturePrefix: signature.BearerPrefix, Now: now, MaxBody: 1999,
		On: func(j receiver.Judgement) { heard = append(heard, j) },
	})
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, c.req)
	var got struct {
		Result receiver.Result
		Code   receiver.Code
		Reason string
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("got %s, %v; want JSON", rec.Body, err)
	}
	if rec.Code != c.status || got.Result != c.result || got.Code != c.code || (got.Reason == "") != (c.result == receiver.Accepted) {
		t.Errorf("got %d %+v; want %d %s %s and a reason unless accepted", rec.Code, got, c.status, c.result, c.code)
	}
	if len(heard) != 1 || heard[0].Status != c.status || heard[0].Code != c.code || !heard[0].At.Equal(now()) {
		t.Errorf("On heard %+v; want this judgement once", heard)
	}
	if rec.Header().Get("Allow") != map[int]string{405: "POST"}[c.status] {
		t.Errorf("got Allow %q", rec.Header().Get("Allow"))
	}
	report := r.Report()
	if n := report.Refused[c.code]; c.code != "" && n != 1 || report.Ignored != count01(c.result == receiver.Ignored) || len(report.Lives) != count01(c.result == receiver.Accepted) {
		t.Errorf("got %+v; want this judgement counted", report)
	}
}

func count01(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestDuplicatesAreAcknowledged(t *testing.T) {
	w := &world{t: t}
	body := event.Append(nil, w.at(w.channel(1, event.V0), event.Alerted, 0))
	r := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}, Now: now})
	for _, want := range []receiver.Result{receiver.Accepted, receiver.Duplicate, receiver.Duplicate} {
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, post(body, nil))
		if rec.Code != 200 || !strings.Contains(rec.Body.String(), `"result":"`+string(want)+`"`) {
			t.Errorf("got %d %s; want 200 %s", rec.Code, rec.Body, want)
		}
	}
}

func TestABodyOfExactlyTheLimitIsRead(t *testing.T) {
	w := &world{t: t}
	body := event.Append(nil, w.at(w.channel(1, event.V0), event.Alerted, 0))
	for limit, want := range map[int64]int{int64(len(body)): 200, int64(len(body)) - 1: 413} {
		r := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}, Now: now, MaxBody: limit})
		rec := httptest.NewRecorder()
		if r.ServeHTTP(rec, post(body, nil)); rec.Code != want {
			t.Errorf("limit %d of %d bytes: got %d; want %d", limit, len(body), rec.Code, want)
		}
	}
}

func TestWithoutASecretNothingIsBelieved(t *testing.T) {
	body := []byte("{}")
	r := receiver.New(receiver.Options{})
	for header, want := range map[string]receiver.Code{
		"":                                       receiver.MissingSignature,
		signature.Sign(secret, body, time.Now()): receiver.WrongKey,
		signature.Sign(signature.Secret{}, body, time.Now()):     receiver.WrongKey,
		"Bearer " + signature.Sign(secret, body, time.Now()):     receiver.MalformedSignature,
		signature.Sign(secret, body, time.Now()) + "\r\nX: evil": receiver.MalformedSignature,
	} {
		if j := r.Judge(header, body); j.Status != 401 || j.Code != want {
			t.Errorf("%q: got %d %s; want 401 %s", header, j.Status, j.Code, want)
		}
	}
}

func TestServerHasLimits(t *testing.T) {
	r := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
	s := r.Server()
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 {
		t.Errorf("got %+v; want a limit on every wait", s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	defer func() {
		s.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()

	w := &world{t: t}
	body := event.Append(nil, w.at(w.channel(1, event.V0), event.Alerted, 0))
	for name, c := range map[string]struct {
		filler int
		want   int
	}{"a real header": {0, 200}, "a header of 64 KiB": {64 << 10, 431}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.Addr().String(), bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/cloudevents+json")
		req.Header.Set(signature.HeaderName, signature.Sign(secret, body, time.Now()))
		req.Header.Set("X-Filler", strings.Repeat("x", c.filler))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: got %d; want %d", name, resp.StatusCode, c.want)
		}
	}
}

func TestAskingWhetherSomebodyIsThereIsNotJudged(t *testing.T) {
	r := receiver.New(receiver.Options{On: func(j receiver.Judgement) { t.Errorf("judged: %+v", j) }})
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, httptest.NewRequest(http.MethodHead, "/", nil))
	if rec.Code != http.StatusMethodNotAllowed || rec.Header().Get("Allow") != "POST" || len(r.Report().Refused) != 0 {
		t.Errorf("answer %d, Allow %q, refused %v; want 405, POST, none", rec.Code, rec.Header().Get("Allow"), r.Report().Refused)
	}
}
