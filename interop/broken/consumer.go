package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ringback/ringback/internal/rulebook"
)

// consumer is the correct consumer as a row of steps. A broken one replaces one of them.
type consumer struct {
	about string // what is wrong with it, in a sentence

	read     func(*http.Request) ([]byte, error)
	key      func(secret []byte) []byte // what it takes for the key
	verify   func(secret []byte, header string, body []byte) error
	decode   func(body []byte, n *notification) error
	check    func(*notification) error // what it cannot use
	refusal  int                       // the answer to a body that cannot be decoded or used
	unknown  int                       // the answer to types that are not known
	moment   func(text string) (time.Time, error)
	inter    func(*notification) string
	agentID  func(*notification) any
	order    func(a, b fact) int
	possible bool                          // what is simultaneous is put into an order that is possible
	repeats  bool                          // what was seen is taken again
	durable  int                           // so many notifications are written together
	forget   bool                          // a new conversation takes the place of the one before
	answered func(*http.Request) (ok bool) // just before the answer

	secret  []byte
	mu      sync.Mutex
	memory  map[string]bool // keys that were seen
	calls   map[string]*call
	waiting [][]byte // not yet on the disk
	disk    [][]byte // what outlives a crash
}

// notification is as much of a body as the consumers read. All documented members are
// named, for the one that refuses others.
type notification struct {
	SpecVersion     string `json:"specversion"`
	Type            string `json:"type"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Subject         string `json:"subject"`
	Time            string `json:"time"`
	DataContentType string `json:"datacontenttype"`
	Data            struct {
		Timestamp string   `json:"timestamp"`
		Channel   *channel `json:"channel"`
		Reason    string   `json:"reason"`
		Presence  any      `json:"presence"`
		User      any      `json:"user"`
	} `json:"data"`
}

type channel struct {
	ConversationID string         `json:"conversationId"`
	InteractionID  string         `json:"interactionId"`
	ChannelID      string         `json:"channelId"`
	Party          map[string]any `json:"party"`
}

// correct is a consumer that makes no mistake.
func correct() *consumer {
	return &consumer{
		about: "makes no mistake",
		read:  func(r *http.Request) ([]byte, error) { return io.ReadAll(io.LimitReader(r.Body, 1<<20)) },
		key:   func(secret []byte) []byte { return secret },
		verify: func(secret []byte, header string, body []byte) error {
			return verify(secret, header, body, jwt.WithExpirationRequired())
		},
		decode:  func(body []byte, n *notification) error { return json.Unmarshal(body, n) },
		check:   func(*notification) error { return nil },
		refusal: http.StatusNoContent, // a retry would bring the same bytes
		unknown: http.StatusNoContent,
		moment:  func(text string) (time.Time, error) { return time.Parse(time.RFC3339Nano, text) },
		inter:   func(n *notification) string { return n.Data.Channel.InteractionID },
		agentID: func(n *notification) any { return n.Data.Channel.Party["agentId"] },
		order: func(a, b fact) int {
			return cmp.Or(a.at.Compare(b.at), a.rank-b.rank)
		},
		possible: true,
		durable:  1,
	}
}

// verify is what the documentation asks for, with options of the library.
func verify(secret []byte, header string, body []byte, options ...jwt.ParserOption) error {
	options = append(options, jwt.WithValidMethods([]string{"HS256"}))
	claims := jwt.MapClaims{}
	_, err := jwt.NewParser(options...).ParseWithClaims(header, claims, func(*jwt.Token) (any, error) { return secret, nil })
	if err != nil {
		return err
	}
	return compareHash(claims, body)
}

func compareHash(claims jwt.MapClaims, body []byte) error {
	sum := sha256.Sum256(body)
	claim, _ := claims["payload_hash"].(string)
	if subtle.ConstantTimeCompare([]byte(claim), []byte(hex.EncodeToString(sum[:]))) != 1 {
		return errors.New("payload_hash does not fit the body")
	}
	return nil
}

// take answers a notification.
func (c *consumer) take(w http.ResponseWriter, r *http.Request) {
	body, err := c.read(r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if c.verify(c.secret, r.Header.Get("Vonage-Signature"), body) != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if c.answered != nil && !c.answered(r) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w.WriteHeader(c.store(body))
}

// store writes a body down, which is then known. It returns the status to answer with.
func (c *consumer) store(body []byte) int {
	status := c.apply(body)
	if status == http.StatusNoContent {
		if c.waiting = append(c.waiting, bytes.Clone(body)); len(c.waiting) >= c.durable {
			c.disk = append(c.disk, c.waiting...)
			c.waiting = nil
		}
	}
	return status
}

// apply makes a body known.
func (c *consumer) apply(body []byte) int {
	var n notification
	if err := c.decode(body, &n); err != nil {
		return c.refusal
	}
	if err := c.check(&n); err != nil {
		return c.refusal
	}
	rank, known := rankOf(n.Type)
	if !known {
		return c.unknown
	}
	key := n.Source + " " + n.ID
	if c.memory[key] && !c.repeats {
		return http.StatusNoContent
	}
	at, err := c.moment(n.Data.Timestamp)
	if err != nil {
		return http.StatusBadRequest
	}
	sent, err := time.Parse(time.RFC3339Nano, n.Time)
	if err != nil {
		return http.StatusBadRequest
	}
	c.memory[key] = true
	if n.Data.Channel != nil && !strings.HasPrefix(n.Type, "agent.") {
		c.learn(&n, fact{at: at, rank: rank, sent: sent})
	}
	return http.StatusNoContent
}

// crash is what a kill without a warning leaves behind: what is on the disk.
func (c *consumer) crash() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.memory, c.calls, c.waiting = map[string]bool{}, map[string]*call{}, nil
	for _, body := range c.disk {
		c.apply(body)
	}
}

// handler is the consumer as a web server.
func (c *consumer) handler(secret []byte) http.Handler {
	c.secret = c.key(secret)
	c.memory, c.calls = map[string]bool{}, map[string]*call{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", c.take)
	mux.HandleFunc("POST /events", c.take)
	mux.HandleFunc("POST /crash", func(w http.ResponseWriter, _ *http.Request) {
		c.crash()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /calls/{conversation}", c.tell)
	return mux
}

// row is one consumer, and the rule of "ringback examine" that it breaks.
type row struct {
	name   string
	make   func() *consumer
	breaks rulebook.ID // empty for none
}

// rows lists all consumers.
func rows() []row {
	return []row{
		{"correct", correct, ""},
		{"no-signature-check", noSignatureCheck, rulebook.VerifySignature},
		{"accepts-unsigned", acceptsUnsigned, rulebook.RequireToken},
		{"accepts-alg-none", acceptsAlgNone, rulebook.OnlyHS256},
		{"ignores-exp", ignoresExp, rulebook.RefuseExpired},
		{"compares-iat", comparesIat, rulebook.TolerateEarlyIat},
		{"secret-as-text", secretAsText, rulebook.DecodeSecret},
		{"secret-undecoded", secretUndecoded, rulebook.DecodeSecret},
		{"ignores-hash", ignoresHash, rulebook.CompareHash},
		{"counts-twice", countsTwice, rulebook.CountOnce},
		{"trusts-arrival", trustsArrival, rulebook.OrderByTimestamp},
		{"ties-by-arrival", tiesByArrival, rulebook.OrderSameInstant},
		{"subject-is-interaction", subjectIsInteraction, rulebook.InteractionFromData},
		{"fails-on-unknown-types", failsOnUnknownTypes, rulebook.IgnoreUnknownTypes},
		{"needs-agent-id", needsAgentID, rulebook.AcceptExternal},
		{"null-agent-id", nullAgentID, rulebook.AcceptNullIDs},
		{"three-digits-only", threeDigitsOnly, rulebook.TimestampsOfAnyLength},
		{"answers-before-storing", answersBeforeStoring, rulebook.StoreBeforeAnswer},
		{"blocks-sender", blocksSender, rulebook.AnswerInTime},
		{"refuses-unknown-members", refusesUnknownMembers, rulebook.IgnoreUnknownMembers},
		{"only-v0", onlyV0, rulebook.AcceptVersions},
		{"numbers-agents", numbersAgents, rulebook.AgentIDIsText},
		{"reads-first-piece", readsFirstPiece, rulebook.ReadWholeBody},
		{"one-content-type", oneContentType, rulebook.IgnoreMediaParameters},
		{"one-call-at-a-time", oneCallAtATime, rulebook.ConversationsApart},
		{"breaks-on-bad-json", breaksOnBadJSON, rulebook.AnswerUnusable},
		{"channels-only", channelsOnly, rulebook.AcceptPresence},
		{"hashes-reencoded", hashesReencoded, rulebook.HashRawBody},
		{"demands-version-4", demandsVersion4, rulebook.GUIDsOfAnyForm},
		{"cuts-time", cutsTime, rulebook.OrderSameInstant},
	}
}
