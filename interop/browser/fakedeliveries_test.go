package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// What the control API says of conversations and deliveries.
type (
	live struct {
		ID       string        `json:"id"`
		Medium   string        `json:"medium,omitempty"`
		Run      string        `json:"run,omitempty"`
		Began    time.Time     `json:"began"`
		Channels []liveChannel `json:"channels"`
		Allowed  []allowed     `json:"allowed"`
	}
	liveChannel struct {
		ID     string  `json:"channel_id"`
		Party  string  `json:"party"`
		Role   string  `json:"role"`
		Phase  string  `json:"phase"`
		Stays  []stay  `json:"stays"`
		Events []event `json:"events"`
	}
	stay struct {
		Phase string    `json:"phase"`
		From  time.Time `json:"from"`
		To    time.Time `json:"to,omitzero"`
	}
	event struct {
		Type string    `json:"type"`
		At   time.Time `json:"at"`
	}
	allowed struct {
		Step   string   `json:"step"`
		Agents []string `json:"agents,omitempty"`
	}
	delivery struct {
		Number       int64     `json:"number"`
		Notification int64     `json:"notification"`
		Subscription string    `json:"subscription_id"`
		State        string    `json:"state"`
		Attempts     int       `json:"attempts"`
		First        time.Time `json:"first"`
		Due          time.Time `json:"due,omitzero"`
		Status       int       `json:"status"`
		LatencyUS    int64     `json:"latency_us"`
		Failure      string    `json:"failure,omitempty"`
		Outcome      string    `json:"outcome,omitempty"`
		Fault        string    `json:"fault,omitempty"`
	}
	row struct { // of a list or the stream
		delivery
		Detail object `json:"notification_detail"`
	}
)

// delivery makes up the one with a number.
func (f *fake) delivery(n int64) row {
	d := delivery{Number: n, Notification: n, Subscription: "sub1", State: "delivered", Attempts: 1, Status: 204, LatencyUS: 900 + n%7000, Outcome: "accepted", First: f.began}
	switch {
	case n%17 == 0:
		d.State, d.Attempts, d.Status, d.Failure, d.Outcome = "failed", 9, 503, "answer 503", "failed"
	case n%13 == 0:
		d.State, d.Status, d.Outcome, d.Fault = "correctly-refused", 401, "correctly-refused", "wrong-key"
	case n%5 == 0:
		d.State, d.Attempts, d.Status, d.Due, d.Failure, d.Outcome = "waiting", 2, 500, time.Now().Add(40*time.Second), "answer 500", "failed"
	}
	kinds := []string{"channel.alerted.v0", "channel.connected.v0", "channel.held.v0", "channel.retrieved.v0", "channel.ended.v0"}
	return row{d, object{
		"number": n, "id": fmt.Sprintf("2tnejWeTxhrXAdBM4HQ%08d", n), "type": kinds[n%5], "conversation_id": fmt.Sprintf("%08x-0000-4000-8000-000000000000", n/11),
		"channel_id": "6f1c", "role": "external", "party": "customer", "run": "run1", "accepted": f.began.Add(time.Duration(n-f.deliveries) * 10 * time.Millisecond),
	}}
}

func (f *fake) page(r *http.Request) any {
	limit, _ := strconv.ParseInt(r.FormValue("limit"), 10, 64)
	n, err := strconv.ParseInt(r.FormValue("before"), 10, 64)
	if err != nil {
		n = f.deliveries + 1
	}
	rows := []row{}
	if only, err := strconv.ParseInt(r.FormValue("notification"), 10, 64); err == nil {
		return object{"deliveries": append(rows, f.delivery(only)), "next": 0}
	}
	for n--; n > 0 && int64(len(rows)) < limit; n-- {
		d := f.delivery(n)
		if want := r.FormValue("state"); want != "" && d.State != want {
			continue
		}
		rows = append(rows, d)
	}
	return object{"deliveries": rows, "next": max(0, n)}
}

func (f *fake) count(*http.Request) any { return object{"total": f.deliveries, "complete": true} }

func (f *fake) detail(r *http.Request) any {
	n, _ := strconv.ParseInt(r.PathValue("number"), 10, 64)
	d := f.delivery(n)
	attempt := func(number int, status int, outcome string) object {
		return object{"number": number, "delivery": n, "try": number, "sent": f.began, "latency_us": 812, "status": status, "outcome": outcome, "fault": d.Fault, "answer": "thank you",
			"request_header": [][2]string{{"Content-Type", "application/cloudevents+json"}, {"Vonage-Signature", "eyJ…"}}}
	}
	attempts := []object{}
	if d.Attempts == 2 {
		attempts = append(attempts, attempt(1, 500, "failed"))
	}
	attempts = append(attempts, attempt(d.Attempts, d.Status, d.Outcome))
	return object{
		"delivery": d.delivery, "notification": d.Detail, "curl": "curl -X POST http://127.0.0.1:8080/events",
		"body":     `{"specversion":"1.0","type":"` + d.Detail["type"].(string) + `","data":{"timestamp":"2025-03-03T09:00:00.000Z"}}`,
		"attempts": attempts,
		"token":    object{"header": object{"alg": "HS256", "typ": "JWT"}, "claims": object{"iat": 1740992400, "exp": 1740992700, "payload_hash": "ab12"}},
	}
}

// stream is a heavy load: at each interval a conversation changes and something is delivered.
func (f *fake) stream(w http.ResponseWriter, r *http.Request, stop <-chan struct{}) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	fmt.Fprint(w, ": hello\n\n")
	_ = control.Flush()
	if f.interval == 0 {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
		return
	}
	beat := time.NewTicker(f.interval)
	defer beat.Stop()
	for n := int64(1); ; n++ {
		select {
		case <-stop:
			return
		case <-r.Context().Done():
			return
		case <-beat.C:
		}
		write := func(kind string, data any) {
			text, _ := json.Marshal(data) // of our own types
			fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", n, kind, text)
		}
		write("conversation", f.conversation(int(n)*37%max(1, f.live)))
		for i := range max(1, f.burst) {
			write("delivery", f.delivery(f.deliveries+n*int64(max(1, f.burst))+int64(i)))
		}
		if control.Flush() != nil {
			return
		}
	}
}
