package event_test

import (
	"errors"
	"fmt"

	"github.com/ringback/ringback/event"
)

func ExampleRead() {
	e, err := event.Read([]byte(`{
		"specversion": "1.0", "type": "channel.ended.v0", "id": "2VejGqWZPqHXHVNcfUPUO8IASAp",
		"source": "/channel", "subject": "740109c1-12d5-430f-9543-131fe5c4edcb",
		"time": "2022-08-30T14:34:36.6134321Z", "datacontenttype": "application/json",
		"data": {
			"timestamp": "2022-08-30T14:34:36.088Z",
			"reason": "released",
			"added": "by a later version of the API",
			"channel": {
				"conversationId": "3e71f453-116a-3abc-7769-bc678ef6e080",
				"interactionId": "1371f451-116a-4abc-8869-bc678ef67070",
				"channelId": "740109c1-12d5-430f-9543-131fe5c4edcb",
				"party": {"role": "agent", "agentId": "01", "userId": "ef71f453-556a-3abc-7769-bc678ef6e090"}
			}
		}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Type, e.Channel.Party.User.AgentID, e.Reason, e.Timestamp)
	// Output: channel.ended.v0 01 released 2022-08-30T14:34:36.088Z
}

func ExampleParse() {
	_, err := event.Parse([]byte(`{
		"specversion": "1.0", "type": "agent.promoted.v0", "id": "2VejGqWZPqHXHVNcfUPUO8IASAp",
		"source": "/agent", "subject": "1544", "time": "2022-02-30T14:34:36Z",
		"datacontenttype": "application/json", "data": {}
	}`))
	fmt.Println(err)
	fmt.Println(errors.Is(err, event.ErrUnknownType))
	// Output:
	// type: unknown event type: "agent.promoted.v0"
	// time: want a date and time that exist, got "2022-02-30T14:34:36Z"
	// true
}

func ExampleAppend() {
	at, err := event.ParseStamp("2022-08-30T14:34:36.088Z")
	if err != nil {
		fmt.Println(err)
		return
	}
	e := event.Event{Type: event.Type{Kind: event.PresenceChanged, Version: event.V1}, Time: at, Timestamp: at}
	copy(e.ID[:], "2VejGqWZPqHXHVNcfUPUO8IASAp")
	copy(e.Presence.PresenceID[:], "0f0f6a4e-8f6b-4d0b-9a55-0f3c6f2f7a11")
	e.Presence.Category = event.Category{Type: "ready", Description: "Ready", Subcategory: "readyOutbound"}
	e.Presence.Description = "Ready (Outbound)"
	e.User.AgentID = "01"
	copy(e.User.UserID[:], "ef71f453-556a-3abc-7769-bc678ef6e090")
	fmt.Printf("%s\n", event.Append(nil, e))
	// Output: {"specversion":"1.0","type":"agent.presencechanged.v1","id":"2VejGqWZPqHXHVNcfUPUO8IASAp","source":"/agent","subject":"01","time":"2022-08-30T14:34:36.088Z","datacontenttype":"application/json","data":{"timestamp":"2022-08-30T14:34:36.088Z","presence":{"presenceId":"0f0f6a4e-8f6b-4d0b-9a55-0f3c6f2f7a11","category":{"type":"ready","description":"Ready","subcategory":"readyOutbound"},"description":"Ready (Outbound)"},"user":{"agentId":"01","userId":"ef71f453-556a-3abc-7769-bc678ef6e090"}}}
}
