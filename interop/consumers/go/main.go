// Command go is a consumer of Vonage Contact Center webhooks in one file: it verifies each notification, stores
// it once, answers, and tells what it knows of a conversation.
//
// VONAGE_SECRET is the secret in Base64; two, with a comma between them, while it is changed. DATABASE is a file, and PORT
// is where it listens.
package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
	_ "modernc.org/sqlite"
)

// part: verify

// verify returns nil if token is one for body made with one of the keys, which are decoded secrets; else answer 401.
func verify(keys [][]byte, token string, body []byte, now time.Time) error {
	if token == "" || len(token) > 8<<10 {
		return errors.New("no token")
	}
	var claims struct {
		jwt.RegisteredClaims
		PayloadHash string `json:"payload_hash"`
	}
	err := errors.New("no secret")
	for _, key := range keys {
		_, err = jwt.ParseWithClaims(token, &claims,
			func(*jwt.Token) (any, error) { return key, nil },
			jwt.WithValidMethods([]string{"HS256"}),
			jwt.WithExpirationRequired(),
			jwt.WithTimeFunc(func() time.Time { return now }))
		if err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	want := hex.EncodeToString(sum[:])
	if subtle.ConstantTimeCompare([]byte(claims.PayloadHash), []byte(want)) != 1 {
		return errors.New("the hash is that of another body")
	}
	return nil
}

// end

type consumer struct {
	keys [][]byte
	db   *sql.DB
}

// part: receive

// schema has one row for each notification. The primary key makes duplicates harmless, and since the row is the
// event, a crash leaves both behind or neither.
const schema = `
CREATE TABLE IF NOT EXISTS notifications (
	source TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
	conversation TEXT, channel TEXT, interaction TEXT, role TEXT, agent TEXT, event TEXT, ticks INTEGER,
	PRIMARY KEY (source, id));
CREATE INDEX IF NOT EXISTS by_conversation ON notifications (conversation, ticks);`

// receive verifies, stores and answers. The work that takes time begins after that, from the table.
func (c *consumer) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	} else if err != nil {
		w.WriteHeader(http.StatusBadRequest) // the connection broke off: it comes again
		return
	}
	if err := verify(c.keys, r.Header.Get("Vonage-Signature"), body, time.Now()); err != nil {
		log.Printf("refused: %v", err)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	n, err := read(body)
	if err != nil { // a retry would bring the same bytes
		log.Printf("cannot be used: %v: %.200q", err, body)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_, err = c.db.ExecContext(r.Context(), `INSERT INTO notifications VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		n.source, n.id, body, n.conversation, n.channel, n.interaction, n.role, n.agent, n.event, n.ticks)
	if err != nil {
		log.Printf("not stored: %v", err)
		w.WriteHeader(http.StatusServiceUnavailable) // it comes again
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// end

// notification is what a body says. All but source and id are null unless it is about a channel.
type notification struct {
	source, id                   string
	conversation, channel, event *string // event is the type without "channel."
	interaction, role            *string
	agent                        *string
	ticks                        *int64 // data.timestamp, in units of 100 ns since 1970
}

// part: read

// begins are the phases that events begin. disconnected begins none: what follows it at once does.
var begins = map[string]string{
	"alerted": "alerting", "connected": "connected", "connectionfailed": "unexpected",
	"held": "held", "retrieved": "connected", "parked": "parked", "unparked": "connected",
	"interrupted": "interrupted", "resumed": "connected", "disconnected": "", "wrapstarted": "wrap", "ended": "ended",
}

func read(body []byte) (n notification, err error) {
	m := object(body)
	n.source, n.id = text(m, "source"), text(m, "id")
	name, data := text(m, "type"), object(m["data"])
	if n.source == "" || n.id == "" || name == "" || data == nil || !utf8.Valid(body) {
		return n, errors.New("it is no notification")
	}
	event := strings.TrimPrefix(name, "channel.")
	kind, version, _ := strings.Cut(event, ".")
	if _, known := begins[kind]; !known || event == name || version != "v0" && version != "v1" {
		return n, nil // of an agent, or of a type that is new: it is stored as it is
	}
	c := object(data["channel"])
	party := object(c["party"])
	conversation, channel := strings.ToLower(text(c, "conversationId")), strings.ToLower(text(c, "channelId"))
	interaction, role := strings.ToLower(text(c, "interactionId")), text(party, "role")
	if conversation == "" || channel == "" || interaction == "" || role == "" {
		return n, errors.New("it has no channel")
	}
	if raw := party["agentId"]; raw != nil && string(raw) != "null" { // absent or null unless an agent or a monitor
		agent := text(party, "agentId")
		if n.agent = &agent; agent == "" {
			return n, errors.New("its agentId is no text")
		}
	}
	at, err := time.Parse(time.RFC3339, text(data, "timestamp")) // with any number of digits
	if err != nil {
		return n, err
	}
	ticks := at.Unix()*1e7 + int64(at.Nanosecond()/100)
	n.conversation, n.channel, n.interaction, n.role, n.event, n.ticks = &conversation, &channel, &interaction, &role, &event, &ticks
	return n, nil
}

// object has the members of a JSON object, or is nil. A struct would take a member "ID" for id: encoding/json matches
// the names of its fields without regard to case.
func object(raw json.RawMessage) (members map[string]json.RawMessage) {
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	return members
}

// text is a member that is a text, or "". What is no Unicode has become U+FFFD, and so texts alike that are not.
func text(of map[string]json.RawMessage, name string) (s string) {
	if json.Unmarshal(of[name], &s) != nil || strings.ContainsRune(s, utf8.RuneError) {
		return ""
	}
	return s
}

// end

// part: lives

// needs are the phases in which events can happen, and back are the events that lead back from a phase.
var (
	needs = map[string]string{
		"alerted": "", "connected": "alerting", "connectionfailed": "alerting", "held": "connected", "retrieved": "held",
		"parked": "connected", "unparked": "parked", "interrupted": "connected", "resumed": "interrupted",
	}
	back = map[string]string{"held": "retrieved", "parked": "unparked", "interrupted": "resumed"}
)

// usual is the order of events that no phase decides.
var usual = []string{"alerted", "connected", "connectionfailed", "held", "retrieved", "parked", "unparked", "interrupted", "resumed",
	"disconnected", "wrapstarted", "ended"}

type moment struct {
	event string // such as held.v0
	ticks int64
}

// life is the phase that events of a channel, sorted by their moments, lead to, and how long it was in each.
func life(events []moment) (phase string, seconds map[string]float64) {
	seconds = map[string]float64{}
	since := int64(0)
	for len(events) > 0 && phase != "ended" { // nothing follows ended
		n := 1
		for n < len(events) && events[n].ticks == events[0].ticks {
			n++
		}
		at := events[0].ticks
		for _, kind := range inOrder(events[:n], phase) {
			next := begins[kind]
			if next == "" || next == phase {
				continue
			}
			if phase != "" {
				seconds[phase] += float64(at-since) / 1e7
			}
			phase, since = next, at
		}
		events = events[n:]
	}
	return phase, seconds
}

// inOrder orders events of one instant so that each may follow the one before, and returns their kinds.
func inOrder(instant []moment, phase string) (order []string) {
	versions := map[string]int{}
	for _, m := range instant {
		versions[m.event]++
	}
	often := map[string]int{} // both versions of an event are one
	for _, kind := range usual {
		often[kind] = max(versions[kind+".v0"], versions[kind+".v1"])
	}
	for {
		next, best := "", 0
		for _, kind := range usual {
			need, any := needs[kind]
			fits, worth := any && need == phase, 0
			switch {
			case often[kind] == 0:
			case fits && often[back[kind]] > 0: // of several that fit, one from which there is a way back
				worth = 3
			case fits:
				worth = 2
			default: // none fits: one is still to come
				worth = 1
			}
			if worth > best {
				next, best = kind, worth
			}
		}
		if best == 0 {
			return order
		}
		often[next]--
		order = append(order, next)
		if begins[next] != "" {
			phase = begins[next]
		}
	}
}

// end

// part: tell

type channelState struct {
	ChannelID     string             `json:"channelId"`
	InteractionID string             `json:"interactionId"`
	Role          string             `json:"role"`
	AgentID       *string            `json:"agentId,omitempty"`
	Phase         string             `json:"phase,omitempty"`
	Seconds       map[string]float64 `json:"seconds"`
	Notifications int                `json:"notifications"`
}

// tell answers what is known of a conversation. Leave it out of what others can reach.
func (c *consumer) tell(w http.ResponseWriter, r *http.Request) {
	rows, err := c.db.QueryContext(r.Context(), `SELECT channel, interaction, role, agent, event, ticks
		FROM notifications WHERE conversation = ? ORDER BY ticks`, strings.ToLower(r.PathValue("conversation")))
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer rows.Close()
	channels, events := []*channelState{}, map[string][]moment{}
	for rows.Next() {
		s, m := &channelState{}, moment{}
		if err := rows.Scan(&s.ChannelID, &s.InteractionID, &s.Role, &s.AgentID, &m.event, &m.ticks); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if events[s.ChannelID] == nil {
			channels = append(channels, s)
		}
		events[s.ChannelID] = append(events[s.ChannelID], m)
	}
	if len(channels) == 0 || rows.Err() != nil {
		http.NotFound(w, r)
		return
	}
	for _, s := range channels {
		s.Notifications = len(events[s.ChannelID])
		s.Phase, s.Seconds = life(events[s.ChannelID])
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"channels": channels})
}

// end

func main() {
	var c consumer
	for text := range strings.SplitSeq(os.Getenv("VONAGE_SECRET"), ",") {
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) == 0 {
			log.Fatal("VONAGE_SECRET is not Base64")
		}
		c.keys = append(c.keys, key)
	}
	db, err := sql.Open("sqlite", "file:"+os.Getenv("DATABASE")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)")
	if err == nil {
		_, err = db.Exec(schema)
	}
	if err != nil {
		log.Fatal(err)
	}
	c.db = db
	http.HandleFunc("POST /events", c.receive)
	http.HandleFunc("GET /calls/{conversation}", c.tell)
	port, _ := strconv.Atoi(os.Getenv("PORT"))
	server := http.Server{Addr: fmt.Sprintf("127.0.0.1:%d", port), ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
