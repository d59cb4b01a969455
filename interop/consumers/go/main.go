// Command go is a consumer of Vonage Contact Center webhooks in one file: it verifies each notification, stores
// it once, answers, and tells what it knows of a conversation.
//
// VONAGE_SECRET is the secret in Base64; two, with a comma between them, while it is changed. DATABASE is a file, and PORT
// is where it listens.
package main

import (
	"cmp"
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
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	_ "modernc.org/sqlite"
)

// part: verify

// verify returns nil if token is one for body made with one of the secrets; else answer 401.
func verify(secrets [][]byte, token string, body []byte, now time.Time) error {
	if token == "" || len(token) > 8<<10 {
		return errors.New("no token")
	}
	var claims struct {
		jwt.RegisteredClaims
		PayloadHash string `json:"payload_hash"`
	}
	err := errors.New("no secret")
	for _, secret := range secrets {
		_, err = jwt.ParseWithClaims(token, &claims,
			func(*jwt.Token) (any, error) { return secret, nil },
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
	secrets [][]byte
	db      *sql.DB
}

// part: receive

// schema has one row for each notification. The primary key makes duplicates harmless, and since the row is the
// event, a crash leaves both behind or neither.
const schema = `
CREATE TABLE IF NOT EXISTS notifications (
	source TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
	conversation TEXT, channel TEXT, interaction TEXT, role TEXT, agent TEXT, kind TEXT, ticks INTEGER,
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
	if err := verify(c.secrets, r.Header.Get("Vonage-Signature"), body, time.Now()); err != nil {
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
		n.Source, n.ID, body, n.conversation, n.channel, n.interaction, n.role, n.agent, n.kind, n.ticks)
	if err != nil {
		log.Printf("not stored: %v", err)
		w.WriteHeader(http.StatusServiceUnavailable) // it comes again
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// end

// notification is what a body says. All but Source and ID are null unless it is about a channel.
type notification struct {
	Source, ID                  string
	conversation, channel, kind *string
	interaction, role           *string
	agent                       *string
	ticks                       *int64 // data.timestamp, in units of 100 ns since 1970
}

// part: read

// begins are the phases that events begin. disconnected begins none: what follows it at once does.
var begins = map[string]string{
	"alerted": "alerting", "connected": "connected", "connectionfailed": "unexpected",
	"held": "held", "retrieved": "connected", "parked": "parked", "unparked": "connected",
	"interrupted": "interrupted", "resumed": "connected", "disconnected": "", "wrapstarted": "wrap", "ended": "ended",
}

func read(body []byte) (n notification, err error) {
	var m struct {
		Source, ID, Type string
		Data             *struct {
			Timestamp string
			Channel   *struct {
				ConversationID, InteractionID, ChannelID string
				Party                                    struct {
					Role    string
					AgentID *string // absent or null unless an agent or a monitor
				}
			}
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return n, err
	}
	if m.Source == "" || m.ID == "" || m.Type == "" || m.Data == nil {
		return n, errors.New("it is no notification")
	}
	n = notification{Source: m.Source, ID: m.ID}
	kind, version, _ := strings.Cut(strings.TrimPrefix(m.Type, "channel."), ".")
	if _, known := begins[kind]; !known || !strings.HasPrefix(m.Type, "channel.") || version != "v0" && version != "v1" {
		return n, nil // of an agent, or of a type that is new: it is stored as it is
	}
	c := m.Data.Channel
	if c == nil || c.ConversationID == "" || c.ChannelID == "" {
		return n, errors.New("it has no channel")
	}
	at, err := time.Parse(time.RFC3339, m.Data.Timestamp) // with any number of digits
	if err != nil {
		return n, err
	}
	ticks := at.Unix()*1e7 + int64(at.Nanosecond()/100)
	conversation, channel := strings.ToLower(c.ConversationID), strings.ToLower(c.ChannelID)
	n.conversation, n.channel, n.interaction, n.role, n.agent = &conversation, &channel, &c.InteractionID, &c.Party.Role, c.Party.AgentID
	n.kind, n.ticks = &kind, &ticks
	return n, nil
}

// end

// part: lives

// needs are the phases in which events can happen.
var needs = map[string]string{
	"alerted": "", "connected": "alerting", "connectionfailed": "alerting", "held": "connected", "retrieved": "held",
	"parked": "connected", "unparked": "parked", "interrupted": "connected", "resumed": "interrupted",
}

// usual is the order of events that no phase decides.
var usual = []string{"alerted", "connected", "connectionfailed", "held", "retrieved", "parked", "unparked", "interrupted", "resumed",
	"disconnected", "wrapstarted", "ended"}

type moment struct {
	kind  string
	ticks int64
}

// life is the phase that events of a channel, sorted by their moments, lead to, and how long it was in each.
func life(events []moment) (phase string, seconds map[string]float64) {
	seconds = map[string]float64{}
	since := int64(0)
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].ticks == events[0].ticks {
			n++
		}
		instant := events[:n:n]
		events = events[n:]
		for _, m := range inOrder(instant, phase) {
			next := begins[m.kind]
			if next == "" || next == phase {
				continue
			}
			if phase != "" {
				seconds[phase] += float64(m.ticks-since) / 1e7
			}
			phase, since = next, m.ticks
		}
	}
	return phase, seconds
}

// inOrder orders events of one instant: next comes whichever can happen in the phase that the channel is in.
// Both versions of an event are taken once.
func inOrder(instant []moment, phase string) (sorted []moment) {
	slices.SortFunc(instant, func(a, b moment) int { return cmp.Compare(slices.Index(usual, a.kind), slices.Index(usual, b.kind)) })
	instant = slices.Compact(instant)
	for len(instant) > 0 {
		next := slices.IndexFunc(instant, func(m moment) bool { need, any := needs[m.kind]; return any && need == phase })
		next = max(next, 0)
		m := instant[next]
		instant = slices.Delete(instant, next, next+1)
		if begins[m.kind] != "" {
			phase = begins[m.kind]
		}
		sorted = append(sorted, m)
	}
	return sorted
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
	rows, err := c.db.QueryContext(r.Context(), `SELECT channel, interaction, role, agent, kind, ticks
		FROM notifications WHERE conversation = ? ORDER BY ticks`, strings.ToLower(r.PathValue("conversation")))
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer rows.Close()
	channels, events := []*channelState{}, map[string][]moment{}
	for rows.Next() {
		s, m := &channelState{}, moment{}
		if err := rows.Scan(&s.ChannelID, &s.InteractionID, &s.Role, &s.AgentID, &m.kind, &m.ticks); err != nil {
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
		secret, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(secret) == 0 {
			log.Fatal("VONAGE_SECRET is not Base64")
		}
		c.secrets = append(c.secrets, secret)
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
