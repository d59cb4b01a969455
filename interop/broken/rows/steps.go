package rows

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"maps"
	"net/http"
	"time"
)

// steps are what a consumer does, one after the other. A mistake replaces one.
type steps struct {
	// The request.
	path    string                                        // where it is registered
	admit   func(*process, *http.Request) (func(), int)   // before all else: what to do at the end, or a status to refuse with
	media   func(contentType string) bool                 // whether the Content-Type is right
	token   func(*http.Request) (text string, there bool) // of the header
	early   func(p *process, token string) bool           // before the body is read: whether to go on
	read    func(*http.Request) ([]byte, error)           // the body
	verify  func(p *process, token string, body []byte) error
	refused func(*process, *http.Request) // after a refusal
	cut     func(*process)                // after a body that cannot be read to its end
	unread  func(*process)                // after a body that cannot be used
	refusal int                           // the answer to what is not authentic
	anyway  bool                          // what is refused is stored
	ahead   bool                          // the answer is sent before anything is stored

	// The token.
	key     func(text string) ([]byte, error) // of a secret
	secrets int                               // so many are used
	method  func(alg string) func() hash.Hash // how a token is signed; nil: not acceptable
	plain   func(alg string) bool             // whether a token needs no signature
	alive   func(c claims, now time.Time) bool
	hashed  func(body []byte) []byte // what of the body is hashed
	fits    func(claim *string, sum string) bool

	// The body.
	parse    func(*process, []byte) (note, error)
	unusable int // the answer to what cannot be parsed
	ticks    func(stamp string) (int64, error)
	kinds    map[string]kind
	versions []string
	shared   func(context.Context, *process, note) note // a notification is handed on

	// The database.
	pragmas    string
	pool       int // connections
	schema     string
	keep       string   // of what is unusable
	mark       string   // of what was seen; no row changed: a duplicate
	write      []string // what a notification of a channel changes
	presence   []string // what a change of presence changes
	store      func(context.Context, *process, note) int
	background func(context.Context, *process)

	// The state told.
	stays, channels, seconds, figures string
}

// kind is what a type of event means.
type kind struct {
	phase any // that begins; nil: none
	turn  int // within an instant
}

var kinds = map[string]kind{
	"channel.alerted": {"alerting", 0}, "channel.connected": {"connected", 1}, "channel.connectionfailed": {"unexpected", 2},
	"channel.held": {"held", 3}, "channel.parked": {"parked", 3}, "channel.interrupted": {"interrupted", 3},
	"channel.retrieved": {"connected", 4}, "channel.unparked": {"connected", 4}, "channel.resumed": {"connected", 4},
	"channel.disconnected": {nil, 5}, "channel.wrapstarted": {"wrap", 6}, "channel.ended": {"ended", 7},
	"agent.presencechanged": {nil, 0},
}

// correct is the consumer that makes no mistake.
func correct() steps {
	return steps{
		path:    "/events",
		admit:   func(*process, *http.Request) (func(), int) { return func() {}, 0 },
		media:   func(string) bool { return true },
		token:   oneToken,
		read:    readAll,
		verify:  verify,
		refused: func(*process, *http.Request) {},
		refusal: http.StatusUnauthorized,
		cut:     func(*process) {},
		unread:  func(*process) {},

		key:     base64.StdEncoding.DecodeString,
		secrets: 2,
		method: func(alg string) func() hash.Hash {
			if alg != "HS256" {
				return nil
			}
			return sha256.New
		},
		plain:  func(string) bool { return false },
		alive:  notExpired,
		hashed: func(body []byte) []byte { return body },
		fits:   sameHash,

		parse:    parse,
		unusable: http.StatusNoContent, // a retry would bring the same bytes
		ticks:    ticks,
		kinds:    maps.Clone(kinds),
		versions: []string{".v0", ".v1"},

		pragmas:  "&_txlock=immediate&_pragma=busy_timeout(10000)",
		pool:     1, // SQLite has one writer at a time
		schema:   schema,
		keep:     "INSERT INTO unusable (body) VALUES (:body)",
		mark:     mark,
		write:    []string{knowChannel, addEvent},
		store:    storeWhole,
		stays:    stays,
		channels: channels,
		seconds:  seconds,
		figures:  figures,
	}
}

const limit = 1 << 20

var errTooLarge = errors.New("body too large")

func readAll(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err == nil && len(body) > limit {
		err = errTooLarge
	}
	return body, err
}
