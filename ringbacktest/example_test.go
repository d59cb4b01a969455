package ringbacktest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/ringbacktest"
	"github.com/ringback/ringback/signature"
)

// Your consumer would stand here; this one is ringback's own.
func newConsumer(secret signature.Secret) *receiver.Receiver {
	return receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
}

// A consumer is examined, and made anew from what it has stored after each crash.
func ExampleExamination_Examine() {
	t := outside() // in a test, its t
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	consumer := newConsumer(secret)
	restarted := func() http.Handler { return newConsumer(secret) } // from a database

	ringbacktest.Examination{State: "/calls/{conversationId}", Restarted: restarted}.Examine(t, consumer)
}

// A consumer is played one call.
func ExamplePlay() {
	t := outside() // in a test, its t
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	consumer := newConsumer(secret)

	call := ringbacktest.Play(t, consumer, "inbound-call-with-hold")

	held := call.Channel("customer").In(receiver.Held)
	fmt.Println(call.Total.Accepted, "accepted; the customer was on hold for", held)
	// Output:
	// 11 accepted; the customer was on hold for 30s
}

// A hundred conversations come with what the sender does on a bad day, and with forgeries.
func ExampleRun_Play() {
	t := outside()
	secret := signature.GenerateSecret()
	consumer := newConsumer(secret)

	day := ringbacktest.Run{
		Seed:     7,
		Count:    100,
		Versions: plan.Both,
		Secret:   secret,
		Faults:   []string{"wrong-key 2%", "duplicate 5%"},
	}.Play(t, consumer, "inbound-call", "transfer", "voicemail")

	fmt.Println("all right:", day.AllRight())
	fmt.Println("the consumer knows every channel:", len(consumer.Lives()) == len(day.Channels))
	fmt.Println("some were refused:", day.Total.Refused > 0)
	// Output:
	// all right: true
	// the consumer knows every channel: true
	// some were refused: true
}

// A handler that expects notifications at a path is told to Run.
func ExampleRun_path() {
	t := outside()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /vcc/events", func(w http.ResponseWriter, req *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})

	call := ringbacktest.Run{Path: "/vcc/events"}.Play(t, mux, "outbound-busy")

	fmt.Println(call.AllRight())
	// Output:
	// true
}

// outside stands for the t of a test, which an example does not have.
func outside() testing.TB { return &exampleT{} }
