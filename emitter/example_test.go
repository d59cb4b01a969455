package emitter_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
)

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
