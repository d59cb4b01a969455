package store

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/ringback/ringback/signature"
)

// Errors of Store's methods, besides failures of the file itself.
var (
	ErrNotFound  = errors.New("not found")
	ErrNameTaken = errors.New("the name is taken")
)

// Subscription is a URL that gets notifications. Its JSON form never holds the secret.
type Subscription struct {
	ID      string           `json:"subscription_id"` // a KSUID
	Name    string           `json:"name"`            // 3 to 128 characters, unique
	URL     string           `json:"url"`
	Events  []string         `json:"events"` // type names with * for any run of characters
	Enabled bool             `json:"enabled"`
	Secret  signature.Secret `json:"-"`
	Given   signature.Secret `json:"-"`                 // the text of the secret, as it was given; empty: generated
	Warning string           `json:"warning,omitempty"` // about the secret
	Created time.Time        `json:"created"`
	Changed time.Time        `json:"changed"`
	Version int64            `json:"version"` // grows with each change
}

// Run is a scenario or workload that is played, now or earlier.
type Run struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Source   string    `json:"source"` // the YAML text
	Options  Playing   `json:"options"`
	State    RunState  `json:"state"`
	Seed     uint64    `json:"seed,string"`
	Start    time.Time `json:"start"`    // of the plan
	Base     time.Time `json:"base"`     // real moment at which the plan was at Offset
	Offset   int64     `json:"offset"`   // ns of the plan at Base
	Speed    float64   `json:"speed"`    // seconds of the plan in a real second
	Position uint64    `json:"position"` // notifications of the plan that were accepted so far
	Created  time.Time `json:"created"`
	Ended    time.Time `json:"ended,omitzero"`
	Error    string    `json:"error,omitempty"`
	Reason   string    `json:"reason,omitempty"` // why it is paused, if nobody paused it
	Begun    int       `json:"-"`                // how often its work began since that last went well, or ended in order
}

// RunState is the state of a run.
type RunState string

// The states of a run. A running run continues after the program was killed.
const (
	RunGoing   RunState = "running"
	RunPaused  RunState = "paused"
	RunStopped RunState = "stopped" // by a user, before its end
	RunEnded   RunState = "ended"
	RunFailed  RunState = "failed"
)

// Playing says how a run is played. Empty texts mean the defaults of the command line.
type Playing struct {
	Versions string   `json:"versions,omitempty"` // v0, v1 or both
	Count    uint64   `json:"count,omitempty"`
	Calls    string   `json:"calls,omitempty"` // such as 5/s
	For      string   `json:"for,omitempty"`
	Order    string   `json:"order,omitempty"` // conversation or none
	Faults   []string `json:"faults,omitempty"`
	Assume   []string `json:"assume,omitempty"` // NAME=VALUE

	Set map[string]string `json:"set,omitempty"` // values of parameters
}

// Conversation is a conversation driven by hand. Its actions, played again, give its state.
type Conversation struct {
	ID      string    `json:"id"` // the conversationId of its events
	Medium  string    `json:"medium"`
	Seed    uint64    `json:"-"`
	Created time.Time `json:"created"`
	Ended   time.Time `json:"ended,omitzero"`
	Actions []Action  `json:"actions"`
}

// Action is a step that a user took in a conversation.
type Action struct {
	At   time.Time       `json:"at"`
	Step string          `json:"step"` // ring, answer, hold …
	Args json.RawMessage `json:"args,omitempty"`
}

// Notification is an event that was accepted for delivery. It never changes.
type Notification struct {
	Number       int64     `json:"number"` // in the order of acceptance, from 1
	ID           string    `json:"id"`     // of the event, a KSUID
	Type         string    `json:"type"`
	Conversation string    `json:"conversation_id,omitempty"`
	Interaction  string    `json:"interaction_id,omitempty"`
	Channel      string    `json:"channel_id,omitempty"`
	Role         string    `json:"role,omitempty"`
	Party        string    `json:"party,omitempty"` // as the story calls it
	Agent        string    `json:"agent_id,omitempty"`
	Run          string    `json:"run,omitempty"` // empty: by hand
	Accepted     time.Time `json:"accepted"`
	Fault        string    `json:"fault,omitempty"`
	Body         []byte    `json:"-"`
	Signed       []byte    `json:"-"` // the body that the token signs, if it is another one
	Keys         uint32    `json:"-"` // how often the plan rotated the key before
}

// Delivery is a notification on its way to one subscription.
type Delivery struct {
	Number       int64         `json:"number"` // of the delivery, from 1
	Notification int64         `json:"notification"`
	Subscription string        `json:"subscription_id"`
	State        DeliveryState `json:"state"`
	Attempts     int           `json:"attempts"`
	First        time.Time     `json:"first,omitzero"` // moment of the first attempt
	Due          time.Time     `json:"due,omitzero"`   // of the next attempt
	Status       int           `json:"status"`         // of the last answer; 0 if there was none
	LatencyUS    int64         `json:"latency_us"`     // of the last attempt
	Failure      string        `json:"failure,omitempty"`
	Outcome      Outcome       `json:"outcome,omitempty"` // of the last attempt
	Fault        string        `json:"fault,omitempty"`   // that the last attempt carried
	Kind         string        `json:"kind,omitempty"`    // resend, duplicate or expired, if a user asked for it
}

// DeliveryDetail is a delivery with its notification.
type DeliveryDetail struct {
	Delivery
	Detail Notification `json:"notification_detail"`
}

// Attempt is one request and its response.
type Attempt struct {
	Number    int64     `json:"number"` // of all attempts, from 1
	Delivery  int64     `json:"delivery"`
	Try       int       `json:"try"` // of the delivery, from 1
	Sent      time.Time `json:"sent"`
	LatencyUS int64     `json:"latency_us"`
	Status    int       `json:"status"`
	Failure   string    `json:"failure,omitempty"`
	Outcome   Outcome   `json:"outcome"`
	Fault     string    `json:"fault,omitempty"` // that it carried
	Header    Header    `json:"request_header"`  // without the secret, with the token
	Answer    string    `json:"answer,omitempty"`
}

// Header is the names and values of a request, in their order.
type Header [][2]string
