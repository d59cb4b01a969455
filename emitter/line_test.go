package emitter_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

func TestALineMakesSingleAttempts(t *testing.T) {
	secret := signature.GenerateSecret()
	body := []byte(`{"id":"1"}`)
	var status atomic.Int32
	status.Store(http.StatusOK)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if signature.Verify(secret, r.Header.Get(signature.HeaderName), body, time.Now()) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(int(status.Load()))
	}))
	defer server.Close()
	line, err := (&emitter.Emitter{}).Line(&emitter.Target{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	caller := line.Caller()
	defer caller.Close()
	send := func(kind fault.Kind, key signature.Secret) emitter.Sending {
		note := &plan.Notification{Fault: kind, Want: kind.Row().Want}
		return caller.Send(t.Context(), &emitter.Single{Note: note, Body: body, Number: 1, Secret: key, Next: key})
	}
	if s := send(fault.None, secret); s.Outcome != emitter.Accepted || s.Status != 200 || s.Token == "" || s.String() != "" {
		t.Errorf("a sound attempt came to %+v", s)
	}
	if s := send(fault.None, signature.GenerateSecret()); s.Outcome != emitter.Retrying || s.Failure.Class != emitter.ClassStatus {
		t.Errorf("one with an old key came to %+v", s)
	}
	if s := send(fault.ExpiredToken, secret); s.Outcome != emitter.Refused || s.String() != "refused with 401 Unauthorized, as a correct consumer does" {
		t.Errorf("an expired one came to %+v", s)
	}
	if s := send(fault.Unsigned, secret); s.Outcome != emitter.Refused || s.Token != "" {
		t.Errorf("an unsigned one came to %+v", s)
	}
	if s := send(fault.Reset, secret); s.Outcome != emitter.Retrying || s.Failure.Class != emitter.ClassCut {
		t.Errorf("one that is cut came to %+v", s)
	}
	status.Store(http.StatusTeapot)
	if s := send(fault.None, secret); s.Outcome != emitter.Retrying || s.Failure.String() != "status: 418 I'm a teapot" {
		t.Errorf("a refused one came to %+v", s)
	}
	server.Close()
	if s := send(fault.None, secret); s.Outcome != emitter.Retrying || s.Status != 0 {
		t.Errorf("one to nobody came to %+v", s)
	}
	header := line.Header("token", 10)
	if last := header[len(header)-1]; header[0][0] != "Host" || last != [2]string{signature.HeaderName, "token"} {
		t.Errorf("the header is %q", header)
	}
}
