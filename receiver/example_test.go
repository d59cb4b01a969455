package receiver_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

func ExampleReceiver() {
	body := []byte(`{"specversion":"1.0","type":"channel.alerted.v0","id":"2VejGqWZPqHXHVNcfUPUO8IASAp",` +
		`"source":"/channel","subject":"740109c1-12d5-430f-9543-131fe5c4edcb","time":"2022-08-30T14:34:36.6134321Z",` +
		`"datacontenttype":"application/json","data":{"timestamp":"2022-08-30T14:34:36.088Z","channel":{` +
		`"conversationId":"3e71f453-116a-3abc-7769-bc678ef6e080","interactionId":"1371f451-116a-4abc-8869-bc678ef67070",` +
		`"channelId":"740109c1-12d5-430f-9543-131fe5c4edcb","party":{"role":"agent","agentId":"1544",` +
		`"userId":"ef71f453-556a-3abc-7769-bc678ef6e090"}}}}`)
	secret := signature.Secret("a key of at least thirty-two bytes")

	r := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
	server := httptest.NewServer(r)
	defer server.Close()

	for range 2 {
		req, err := http.NewRequest(http.MethodPost, server.URL, bytes.NewReader(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		req.Header.Set("Content-Type", "application/cloudevents+json")
		req.Header.Set(signature.HeaderName, signature.Sign(secret, body, time.Now()))
		resp, err := server.Client().Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		resp.Body.Close()
		fmt.Println(resp.Status)
	}
	report := r.Report()
	fmt.Println(report.Accepted, report.Duplicates, report.Lives[0].Spans[0].Phase, report.Violations[0].Rule)
	// The ID of the documented example is of a later second than its time.
	// Output:
	// 200 OK
	// 200 OK
	// 1 1 alerting id-second
}
