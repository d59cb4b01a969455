package emitter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
)

// memory is a Sender that keeps bodies and accepts all but those that it cannot read.
type memory struct{ bodies [][]byte }

func (m *memory) Send(ctx context.Context, r *emitter.Request) emitter.Answer {
	if !json.Valid(r.Body) {
		return emitter.Answer{Status: http.StatusBadRequest, Excerpt: []byte("this is no JSON"), Released: true}
	}
	m.bodies = append(m.bodies, bytes.Clone(r.Body)) // nothing of r is kept
	return emitter.Answer{Status: http.StatusNoContent, Released: true}
}

func ExampleSender() {
	m := &memory{}
	e := emitter.Emitter{
		Targets:     []emitter.Target{{Name: "memory", Sender: m}},
		Speed:       emitter.Max,
		Connections: 1, // so that Send is called by one goroutine at a time
	}
	call := []plan.Notification{note(0, 0, 0), note(1, 0, 30*time.Second)}
	_, err := e.Run(context.Background(), time.Now(), slices.Values(call))
	fmt.Println(len(m.bodies), "bodies,", err)
	// Output: 2 bodies, <nil>
}

func ExampleEmitter_Run() {
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
	defer consumer.Close()

	e := emitter.Emitter{
		Targets: []emitter.Target{{Name: "crm", URL: consumer.URL}},
		Speed:   emitter.Max,
		On: func(a *emitter.Attempt) error {
			fmt.Println(a.Notification.Seq, a.Notification.Type(), a.Status, a.Outcome)
			return nil
		},
	}
	call := []plan.Notification{note(0, 0, 0), note(1, 0, 30*time.Second)}
	result, err := e.Run(context.Background(), time.Now(), slices.Values(call))
	total := result.Total()
	fmt.Println(total.Accepted, "accepted,", err)
	// Output:
	// 0 channel.alerted.v0 204 accepted
	// 1 channel.alerted.v0 204 accepted
	// 2 accepted, <nil>
}
