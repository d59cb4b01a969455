package interop

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/signature"
)

// happened is the body of a notification about a channel of a conversation. Its event is such as held.v0, at a second.
func happened(conversation, id, event string, second int) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":"channel.%s","id":"%s","source":"/channel","subject":"C-%s","time":"2025-03-03T09:00:00Z",`+
		`"data":{"timestamp":"2025-03-03T09:00:%02dZ","channel":{"conversationId":"%[3]s","interactionId":"I-%[3]s","channelId":"C-%[3]s",`+
		`"party":{"role":"agent","agentId":"0150","userId":"U"}}}}`, event, id, conversation, second)
}

// post sends a signed body, and returns the status of the answer. headers are set last; an empty one is left out.
func (p *process) post(t *testing.T, body []byte, headers ...string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url()+"/events", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := signature.ParseSecret(signature.DevelopmentSecret)
	request.Header.Set("Content-Type", "application/cloudevents+json")
	request.Header.Set("Vonage-Signature", signature.Sign(secret, body, time.Now()))
	for i := 0; i < len(headers); i += 2 {
		if request.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			request.Header.Del(headers[i])
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Errorf("no answer to %.80q: %v", body, err)
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

// toldState is what a consumer tells of a conversation.
type toldState struct {
	Channels []struct {
		ChannelID, Phase string
		Seconds          map[string]float64
		Notifications    int
	}
	Answered, Abandoned *bool
	SecondsToAnswer     float64 `json:"seconds_to_answer"`
	Talk, Hold, Wrap    float64
	Agents, Transfers   int
}

// told is the state of a conversation, without channels if it is not known.
func (p *process) told(t *testing.T, conversation string) (told toldState) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url()+"/calls/"+conversation, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		if err := json.NewDecoder(response.Body).Decode(&told); err != nil {
			t.Fatal(err)
		}
	}
	return told
}

// instants are lives of a channel, as events and the seconds at which they happen, and the phase that they lead to.
var instants = []struct{ events, phase string }{
	{"alerted@1 connected@2 held@5 retrieved@5 held@5", "held"},
	{"alerted@1 connected@2 held@5 parked@5 unparked@5", "held"},
	{"alerted@1 connected@2 interrupted@5 resumed@5 parked@5 unparked@5 held@5", "held"},
	{"alerted@1 connected@2 held@3 retrieved@5 held@5", "held"},
	{"alerted@1 connected@2 held@3 retrieved@5 retrieved@5 held@5", "connected"},
	{"alerted@1 connected@2 held@3 retrieved@5 disconnected@5 ended@5", "ended"},
	{"alerted@1 connected@1 held@1 disconnected@1 wrapstarted@1", "wrap"},
	{"alerted@1 connected@2 disconnected@5", "connected"},
	{"alerted@1 connected@2 disconnected@5 ended@5 held@7", "ended"},
	{"disconnected@5", ""},
}

// TestTheDocumentedConsumersAtTheCorners tries what an examination does not send, since it is rare, or open to readings.
func TestTheDocumentedConsumersAtTheCorners(t *testing.T) {
	for _, d := range documentedConsumers {
		t.Run(d.name, func(t *testing.T) {
			p := d.serve(t)
			p.ordersInstants(t)
			p.ordersAsExaminationsDo(t)
			p.getsOverBodies(t)
			if d.name == "Python" { // the one that tells figures
				p.comparesInteractionsInAnyCase(t)
			}
		})
	}
}

// ordersInstants plays lives whose events have a timestamp in common, forwards and backwards, in one version and in both.
func (p *process) ordersInstants(t *testing.T) {
	t.Helper()
	for i, instant := range instants {
		for _, versions := range [][]string{{"v0"}, {"v1", "v0"}} {
			for _, backwards := range []bool{false, true} {
				conversation := fmt.Sprintf("instant-%d-%d-%t", i, len(versions), backwards)
				events := strings.Fields(instant.events)
				if backwards {
					slices.Reverse(events)
				}
				for n, event := range events {
					kind, second, _ := strings.Cut(event, "@")
					for _, v := range versions {
						body := happened(conversation, fmt.Sprintf("%s-%d-%s", conversation, n, v), kind+"."+v, int(second[0]-'0'))
						if status := p.post(t, []byte(body)); status != http.StatusNoContent {
							t.Errorf("status %d for %s", status, body)
						}
					}
				}
				told := p.told(t, conversation).Channels
				if len(told) != 1 || told[0].Phase != instant.phase || told[0].Notifications != len(events)*len(versions) {
					t.Errorf("%v in %v, backwards %t: %+v, want %q", instant.events, versions, backwards, told, instant.phase)
				}
			}
		}
	}
}

// ordersAsExaminationsDo plays lives at random, most of which can be, in any order and in both versions, and compares what is told
// with what an examination takes for right.
func (p *process) ordersAsExaminationsDo(t *testing.T) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	for i := range 60 {
		conversation := fmt.Sprintf("random-%d", i)
		played := &trial.Played{Trial: &trial.Trial{}, Asked: time.Now().Add(time.Hour)}
		var events []string
		for n, body := range randomLife(random, conversation) {
			played.Deliveries = append(played.Deliveries, trial.Delivery{Note: trial.ReadNote([]byte(body)), Body: []byte(body)})
			played.Answers = append(played.Answers, trial.Answer{Status: p.post(t, []byte(body)), Attempts: 1, Sent: time.Now().Add(time.Duration(n) * time.Second)})
			events = append(events, strings.TrimPrefix(played.Deliveries[n].Type, "channel.")+"@"+played.Deliveries[n].Timestamp[18:19])
		}
		state := &trial.State{Channels: map[string]*trial.Channel{}}
		told := p.told(t, conversation).Channels
		for k := range told {
			c := &told[k]
			state.Channels[strings.ToLower(c.ChannelID)] = &trial.Channel{Phase: &c.Phase, Seconds: c.Seconds, Notifications: &c.Notifications}
		}
		if right := mistake.NewSeen([]*trial.Played{played}).Right([]int{0}); !right(conversation, state) {
			t.Errorf("an examination takes for wrong what is told of %v: %+v", events, told)
		}
	}
}

// randomLife has the bodies of a channel's life in any order, some events in both versions, some again under a new id, many within one second.
func randomLife(random *rand.Rand, conversation string) (bodies []string) {
	follow := map[string][]string{"": {"alerted"}, "alerted": {"connected", "connectionfailed"}, "held": {"retrieved"}, "parked": {"unparked"},
		"interrupted": {"resumed"}, "connectionfailed": {"ended"}, "disconnected": {"wrapstarted", "ended"}, "wrapstarted": {"ended"}, "ended": {"ended", "held", "retrieved"}}
	last, second := "", 1
	for n := range 3 + random.IntN(7) {
		next := follow[last]
		if next == nil {
			next = []string{"held", "parked", "interrupted", "held", "disconnected"}
		}
		last = next[random.IntN(len(next))]
		if random.IntN(3) == 0 && second < 9 {
			second++
		}
		for v := range 2 {
			for again := range 1 + random.IntN(5)/4 {
				if v == 0 || random.IntN(2) == 0 {
					bodies = append(bodies, happened(conversation, fmt.Sprintf("%s-%d-%d-%d", conversation, n, v, again), fmt.Sprintf("%s.v%d", last, v), second))
				}
			}
		}
	}
	random.Shuffle(len(bodies), func(a, b int) { bodies[a], bodies[b] = bodies[b], bodies[a] })
	return bodies
}

// getsOverBodies sends bodies that are lawful and odd, and such as cannot be used.
func (p *process) getsOverBodies(t *testing.T) {
	t.Helper()
	with := func(id, members string) []byte {
		return []byte(strings.TrimSuffix(happened(id, id, "alerted.v0", 1), "}") + members + "}")
	}
	nested := func(deep int) string {
		return `,"rota":` + strings.Repeat("[", deep) + strings.Repeat("]", deep)
	}
	for _, good := range []struct {
		id, members string
		headers     []string
	}{
		{id: "huge-integer", members: `,"rota":` + strings.Repeat("9", 1000)},
		{id: "huge-exponent", members: `,"rota":1e999`},
		{id: "other-case", members: `,"ID":"other","Source":7,"DATA":null,"Type":"other"`},
		{id: "nested", members: nested(60)},
		{id: "no-content-type", headers: []string{"Content-Type", ""}},
		{id: "odd-content-type", headers: []string{"Content-Type", "weird"}},
		{id: "UPPER-CASE"},
	} {
		status := p.post(t, with(good.id, good.members), good.headers...)
		if told := p.told(t, strings.ToLower(good.id)).Channels; status != http.StatusNoContent || len(told) != 1 || told[0].Notifications != 1 {
			t.Errorf("%s: status %d, %+v", good.id, status, told)
		}
	}

	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(with("gzip", ""))
	z.Close()
	var wide []byte
	for _, unit := range utf16.Encode([]rune(string(with("utf-16", "")))) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	without := func(id, old, instead string) []byte {
		return bytes.Replace(with(id, ""), []byte(old), []byte(instead), 1)
	}
	for id, body := range map[string][]byte{
		"gzip": zipped.Bytes(), "utf-16": wide, "no-utf-8": with("no-utf-8", ",\"rota\":\"\xff\""), "nan": with("nan", `,"rota":NaN`),
		"lone-surrogate": without("lone-surrogate", `"id":"`, `"id":"\ud800`), "numeric-agent": without("numeric-agent", `"0150"`, `150`),
		"no-role": without("no-role", `"role":"agent",`, ``), "no-interaction": without("no-interaction", `"interactionId"`, `"other"`),
		"no-moment": without("no-moment", `"timestamp":"2025`, `"timestamp":"x`), "no-party": without("no-party", `"party":{`, `"party":null,"other":{`),
		"two-values": append(with("two-values", ""), "{}"...), "comment": append([]byte("/* */"), with("comment", "")...),
	} {
		var headers []string
		if id == "gzip" {
			headers = []string{"Content-Encoding", "gzip"}
		}
		if status := p.post(t, body, headers...); status != http.StatusNoContent {
			t.Errorf("%s: status %d, want 204", id, status)
		}
		if told := p.told(t, id).Channels; len(told) > 0 {
			t.Errorf("%s: stored: %+v", id, told)
		}
	}
	for id, members := range map[string]string{"very-nested": nested(200_000), "surrogate-elsewhere": `,"rota":"\ud800"`, "huger-integer": `,"rota":` + strings.Repeat("9", 6000)} { // either, but an answer
		if status := p.post(t, with(id, members)); status != http.StatusNoContent {
			t.Errorf("%s: status %d, want 204", id, status)
		}
	}
	if status := p.post(t, make([]byte, 3<<20)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("3 MiB: status %d, want 413", status)
	}
}

// comparesInteractionsInAnyCase has one agent take over from another, in an interaction whose identifier changes its case.
func (p *process) comparesInteractionsInAnyCase(t *testing.T) {
	t.Helper()
	for i, event := range strings.Fields("alerted@1 connected@2 ended@5") {
		kind, second, _ := strings.Cut(event, "@")
		first := happened("takes-over", fmt.Sprint("first-", i), kind+".v0", int(second[0]-'0'))
		other := happened("takes-over", fmt.Sprint("other-", i), kind+".v0", int(second[0]-'0')+1)
		other = strings.NewReplacer("I-takes", "i-TAKES", "C-takes", "D-takes", "0150", "0151").Replace(other)
		p.post(t, []byte(first))
		p.post(t, []byte(other))
	}
	if told := p.told(t, "takes-over"); told.Transfers != 1 || told.Agents != 2 {
		t.Errorf("%+v, want a transfer", told)
	}
}
