package trial

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// Token is how a delivery is signed. The zero value is as the real sender does.
type Token uint8

// The ways to sign. UpperHash and Twice may be refused; those behind Twice prove nothing, and must be; those behind
// TextKey find out what a consumer does that refuses everything.
const (
	Right     Token = iota
	Next            // with the next secret
	Future          // iat lies 90 s ahead, as by a clock that is ahead
	UpperHash       // payload_hash in upper case
	Twice           // the right token, a comma, and no token

	Absent
	OtherKey
	EmptyKey
	AlgNone
	AlgNoneUpper
	AlgNoneMixed
	HS384
	HS512
	ExpiredSecond
	ExpiredMinute
	ExpiredDay
	NoExpiry
	NoHash
	EmptyHash
	ShortHash
	PrefixedHash
	OtherBody
	NoSignature // the third part is empty
	Garbage

	TextKey    // signed with the Base64 text of the secret as key
	UTF8Key    // signed with the decoded bytes made a text, as a naive toString does
	LatinKey   // signed with the decoded bytes taken for Latin-1, as atob gives them
	ASCIIKey   // signed with the decoded bytes without their highest bits
	WithBearer // "Bearer " before the token
	PlainHash  // no token, but the HMAC of the body
	Compacted  // signed over the body as JSON.stringify writes it
	Spaced     // as json.dumps of Python writes it
	Slashed    // as json_encode of PHP writes it
	Sorted     // as libraries do that sort members, Go's among them
)

// tokenRow says how a token differs from a right one.
type tokenRow struct {
	name   string
	forged rulebook.ID // the rule that a consumer breaks that accepts it; "": it is authentic
	text   string      // what it is, after "a token that" or the like
	change func(*draft)
}

// draft is a token in the making.
type draft struct {
	alg    string
	claims []claim
	key    []byte
	sum    func() hash.Hash // nil: no signature
	prefix string
	suffix string
	whole  string // instead of everything else, if absent is set
	absent bool
	body   []byte
	secret []byte
	now    time.Time
}

type claim struct {
	name  string
	value any
}

var tokens = [...]tokenRow{
	Right:     {"right", "", "a right token", func(*draft) {}},
	Next:      {"next", "", "a token made with the next secret", func(*draft) {}},
	Future:    {"early", "", "a token whose iat lies 90 s ahead", func(d *draft) { d.age(-90 * time.Second) }},
	UpperHash: {"upper-case-hash", "", "a token with payload_hash in upper case", func(d *draft) { d.set("payload_hash", strings.ToUpper(d.hash())) }},
	Twice:     {"twice", "", "the right token, a comma, and no token", func(d *draft) { d.suffix = ", not-a-token" }},

	Absent:        {"absent", rulebook.RequireToken, "no token", func(d *draft) { d.absent = true }},
	OtherKey:      {"other-key", rulebook.VerifySignature, "a token made with another key", func(d *draft) { d.key = []byte("another key than the one that is shared") }},
	EmptyKey:      {"empty-key", rulebook.VerifySignature, "a token made with the empty key", func(d *draft) { d.key = nil }},
	AlgNone:       {"none", rulebook.OnlyHS256, "an unsigned token of algorithm none", func(d *draft) { d.alg, d.sum = "none", nil }},
	AlgNoneUpper:  {"NONE", rulebook.OnlyHS256, "an unsigned token of algorithm NONE", func(d *draft) { d.alg, d.sum = "NONE", nil }},
	AlgNoneMixed:  {"nOnE", rulebook.OnlyHS256, "an unsigned token of algorithm nOnE", func(d *draft) { d.alg, d.sum = "nOnE", nil }},
	HS384:         {"HS384", rulebook.OnlyHS256, "a token of algorithm HS384", func(d *draft) { d.alg, d.sum = "HS384", sha512.New384 }},
	HS512:         {"HS512", rulebook.OnlyHS256, "a token of algorithm HS512", func(d *draft) { d.alg, d.sum = "HS512", sha512.New }},
	ExpiredSecond: {"expired-seconds", rulebook.RefuseExpired, "a token that expired 5 s ago", func(d *draft) { d.age(305 * time.Second) }},
	ExpiredMinute: {"expired-minutes", rulebook.RefuseExpired, "a token that expired 2 min ago", func(d *draft) { d.age(420 * time.Second) }},
	ExpiredDay:    {"expired-day", rulebook.RefuseExpired, "a token that expired a day ago", func(d *draft) { d.age(24*time.Hour + 5*time.Minute) }},
	NoExpiry:      {"no-exp", rulebook.RequireExp, "a token without exp", func(d *draft) { d.remove("exp") }},
	NoHash:        {"no-hash", rulebook.CompareHash, "a token without payload_hash", func(d *draft) { d.remove("payload_hash") }},
	EmptyHash:     {"empty-hash", rulebook.CompareHash, "a token whose payload_hash is empty", func(d *draft) { d.set("payload_hash", "") }},
	ShortHash:     {"short-hash", rulebook.CompareHash, "a token with the first half of payload_hash", func(d *draft) { d.set("payload_hash", d.hash()[:32]) }},
	PrefixedHash:  {"prefixed-hash", rulebook.CompareHash, "a token with characters behind payload_hash", func(d *draft) { d.set("payload_hash", d.hash()+"00") }},
	OtherBody:     {"other-body", rulebook.CompareHash, "a token made for another body", func(d *draft) { d.over(func(b []byte) []byte { return append([]byte(" "), b...) }) }},
	NoSignature:   {"no-signature", rulebook.VerifySignature, "a token whose signature is empty", func(d *draft) { d.sum = nil }},
	Garbage:       {"garbage", rulebook.RequireToken, "a header that is no token", func(d *draft) { d.whole = "not-a-token" }},

	TextKey: {"text-key", rulebook.DecodeSecret, "a token made with the secret's Base64 text as the key", func(d *draft) { d.key = []byte(base64.StdEncoding.EncodeToString(d.secret)) }},
	UTF8Key: {"utf8-key", rulebook.DecodeSecret, "a token made with the secret decoded to a text", func(d *draft) { d.key = []byte(string([]rune(string(d.secret)))) }},
	LatinKey: {"latin-1-key", rulebook.DecodeSecret, "a token made with the secret decoded to a text of Latin-1", func(d *draft) {
		var text []rune
		for _, b := range d.secret {
			text = append(text, rune(b))
		}
		d.key = []byte(string(text))
	}},
	ASCIIKey: {"ascii-key", rulebook.DecodeSecret, "a token made with the secret decoded to a text of ASCII", func(d *draft) {
		d.key = nil
		for _, b := range d.secret {
			d.key = append(d.key, b&0x7f)
		}
	}},
	WithBearer: {"bearer", rulebook.TokenWithoutPrefix, `a token behind "Bearer "`, func(d *draft) { d.prefix = "Bearer " }},
	PlainHash:  {"plain-hash", rulebook.VerifySignature, "the HMAC of the body in the place of a token", func(d *draft) { d.whole = hex.EncodeToString(mac(sha256.New, d.secret, d.body)) }},
	Compacted:  {"compacted", rulebook.HashRawBody, "a token for the body as JSON.stringify writes it", func(d *draft) { d.over(Compact) }},
	Spaced:     {"spaced", rulebook.HashRawBody, "a token for the body as Python's json.dumps writes it", func(d *draft) { d.over(spaced) }},
	Slashed:    {"slashed", rulebook.HashRawBody, "a token for the body as PHP's json_encode writes it", func(d *draft) { d.over(slashed) }},
	Sorted:     {"sorted", rulebook.HashRawBody, "a token for the body with its members sorted", func(d *draft) { d.over(sorted) }},
}

// String is the name of the token, as it stands in trials.
func (t Token) String() string { return tokens[t].name }

// Text says what the token is.
func (t Token) Text() string { return tokens[t].text }

// Authentic reports whether a correct consumer accepts it, or may accept it.
func (t Token) Authentic() bool { return tokens[t].forged == "" }

// Rule is the rule that a consumer breaks that accepts it; "" of authentic ones.
func (t Token) Rule() rulebook.ID { return tokens[t].forged }

// Forged lists the tokens that a correct consumer refuses, without those that only explain a refusal.
func Forged() (all []Token) {
	for t := Absent; t <= Garbage; t++ {
		all = append(all, t)
	}
	return all
}

// Explaining lists the tokens of which the one that is accepted explains why all others are not.
func Explaining() (all []Token) {
	for t := TextKey; int(t) < len(tokens); t++ {
		all = append(all, t)
	}
	return all
}

// Make makes the value of the header for a body, or absent.
func (t Token) Make(secret, next, body []byte, now time.Time) (value string, absent bool) {
	if t == Next {
		secret = next
	}
	d := &draft{alg: "HS256", sum: sha256.New, key: secret, secret: secret, body: body, now: now}
	d.age(0)
	tokens[t].change(d)
	switch {
	case d.absent:
		return "", true
	case d.whole != "":
		return d.whole, false
	}
	text := encode([]byte(`{"alg":"`+d.alg+`","typ":"JWT"}`)) + "." + encode(d.payload())
	if d.sum == nil {
		return d.prefix + text + ".", false
	}
	return d.prefix + text + "." + encode(mac(d.sum, d.key, []byte(text))) + d.suffix, false
}

// age makes the claims of a token that was issued so long ago.
func (d *draft) age(age time.Duration) {
	issued := d.now.Add(-age).Unix()
	id := sha256.Sum256(append([]byte(d.now.Format(time.RFC3339Nano)), d.body...))
	d.claims = []claim{{"iat", issued}, {"jti", hex.EncodeToString(id[:16])}, {"iss", "Vonage"}, {"payload_hash", d.hash()}, {"exp", issued + 300}}
}

// over makes the hash that of another body.
func (d *draft) over(change func([]byte) []byte) {
	d.body = change(d.body)
	d.set("payload_hash", d.hash())
}

func (d *draft) hash() string {
	sum := sha256.Sum256(d.body)
	return hex.EncodeToString(sum[:])
}

func (d *draft) set(name string, value any) {
	for i := range d.claims {
		if d.claims[i].name == name {
			d.claims[i].value = value
		}
	}
}

func (d *draft) remove(name string) {
	for i := range d.claims {
		if d.claims[i].name == name {
			d.claims = append(d.claims[:i], d.claims[i+1:]...)
			return
		}
	}
}

// payload writes the claims in their order.
func (d *draft) payload() []byte {
	out := []byte{'{'}
	for i, c := range d.claims {
		if i > 0 {
			out = append(out, ',')
		}
		value, _ := json.Marshal(c.value) // a text or a number: it never fails
		out = append(append(append(out, '"'), c.name...), `":`...)
		out = append(out, value...)
	}
	return append(out, '}')
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func mac(sum func() hash.Hash, key, text []byte) []byte {
	m := hmac.New(sum, key)
	m.Write(text)
	return m.Sum(nil)
}
