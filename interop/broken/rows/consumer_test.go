package rows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

var dawn = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

// running is a consumer that listens.
type running struct {
	t      testing.TB
	url    string
	client *http.Client
	secret signature.Secret
	next   signature.Secret

	stories uint64 // so many were played
}

// open starts a row on a port of its own.
func open(t testing.TB, r Row) *running {
	t.Helper()
	c, err := r.Open(t.TempDir(), signature.DevelopmentSecret, signature.DevelopmentNextSecret)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Serve(l) }()
	x := &running{t: t, url: "http://" + l.Addr().String(), client: &http.Client{
		Timeout:       2 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(func() {
		x.client.CloseIdleConnections()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for text, into := range map[string]*signature.Secret{
		signature.DevelopmentSecret: &x.secret, signature.DevelopmentNextSecret: &x.next,
	} {
		if *into, err = signature.ParseSecret(text); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// send sends a body with a good token, and returns the status; 0 if there is no answer.
func (x *running) send(body []byte) int {
	return x.sendAs(body, signature.Sign(x.secret, body, time.Now()))
}

// sendAs sends a body with any token.
func (x *running) sendAs(body []byte, token string) int {
	return x.do(context.Background(), bytes.NewReader(body), map[string]string{signature.HeaderName: token})
}

func (x *running) do(ctx context.Context, body io.Reader, headers map[string]string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.url+"/events", body)
	if err != nil {
		x.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := x.client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}

// deliver sends a body until it is accepted, as the real sender does, and returns the last status.
func (x *running) deliver(body []byte) int {
	status := 0
	for wait := 2 * time.Millisecond; wait < time.Second; wait *= 2 {
		if status = x.send(body); 200 <= status && status <= 205 || 400 <= status && status < 500 && status != 429 {
			break
		}
		time.Sleep(wait)
	}
	return status
}

// ask asks for the state of a conversation, and goes on until fits says "" or the time is over. It
// returns what fits says in the end.
func (x *running) ask(conversation string, fits func(told) string) string {
	var said string
	for range 40 { // some write later
		resp, err := x.client.Get(x.url + "/calls/" + conversation)
		if err != nil {
			return err.Error()
		}
		var t told
		err = json.NewDecoder(resp.Body).Decode(&t)
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK && err != nil {
			return err.Error()
		}
		if said = fits(t); said == "" {
			return ""
		}
		time.Sleep(10 * time.Millisecond)
	}
	return said
}

// crash kills the consumer and starts it again.
func (x *running) crash() {
	resp, err := x.client.Post(x.url+"/crash", "", nil)
	if err != nil {
		x.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		x.t.Fatalf("the crash was answered %d", resp.StatusCode)
	}
}

func (t told) channel(id string) *channelTold {
	for i := range t.Channels {
		if t.Channels[i].ChannelID == id {
			return &t.Channels[i]
		}
	}
	return nil
}

func differs(what string, got, want any) string {
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		return fmt.Sprintf("%s is %s, want %s", what, g, w)
	}
	return ""
}
