package trial

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// Token is how a delivery is signed. The zero value is as the real sender does.
type Token uint8

// The ways to sign. Those from UpperHash to Short may be refused; those behind prove nothing, and must be; those behind
// Spent find out what a consumer does that refuses everything.
const (
	Right       Token = iota
	Next              // with the next secret
	Future            // iat lies 90 s ahead, as by a clock that is ahead
	UpperHash         // payload_hash in upper case
	Twice             // the right token, a comma, and no token
	JustExpired       // it expired 5 s ago, which clocks may differ by
	Short             // it expires in 3 s

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
	NoSignature  // the third part is empty
	CutSignature // the third part is the first part of the right one, as bytes and as a text
	AlteredStart // the first byte of the third part is another one
	AlteredEnd   // the last byte of the third part is another one
	HalfHash     // the second half of payload_hash is that of another body
	Earlier      // the token of the delivery before, as it was
	Garbage
	Spent // the token Short of the same notification, as it was

	TextKey    // signed with the Base64 text of the secret as key
	UTF8Key    // signed with the decoded bytes made a text, as a naive toString does
	UTF8Runs   // likewise, with one sign for several bytes that are none in UTF-8
	UTF8Merged // likewise, with one sign for all of them that stand together
	UTF8Valid  // likewise, without these bytes
	LatinKey   // signed with the decoded bytes taken for Latin-1, as atob gives them
	ASCIIKey   // signed with the decoded bytes without their highest bits
	WithBearer // "Bearer " before the token
	PlainHash  // no token, but the HMAC of the body
	Compacted  // signed over the body as JSON.stringify writes it
	Spaced     // as json.dumps of Python writes it
	Slashed    // as json_encode of PHP writes it
	Sorted     // as libraries do that sort members, Go's among them

	NoKey           // signed with the empty key
	LineKey         // signed with the Base64 text of the secret and a line break
	InAuthorization // in Authorization behind "Bearer ", and not in its own header
	Base64Hash      // payload_hash in Base64
	CapitalHash     // payload_hash in upper case
	LongLived       // exp lies 26 h ahead, as no time zone is
	Milliseconds    // exp in milliseconds
	LongAgo         // iat lies 26 h back, and exp ahead

	SignsDropped // signed with what the secret's Base64 text is without + and /
	PlusDropped  // signed with what it is without +
	WholeGroups  // signed with what its whole groups of four signs are
	CutAtSign    // signed with what stands before the first + or /
	GroupsLeft   // signed with the whole groups of four signs that are left without + and /
)

// lifetime is that of a token.
const lifetime = 5 * time.Minute

// ShortLives is how long Short is right, and NoLonger how long after it was sent whoever refuses JustExpired refuses it, too.
const (
	ShortLives = 3 * time.Second
	NoLonger   = ShortLives + 6*time.Second
)

// tokenRow says how a token differs from a right one.
type tokenRow struct {
	name   string
	forged rulebook.ID // the rule that a consumer breaks that accepts it; "": it is authentic
	text   string      // what it is, after "a token that" or the like
	change func(*draft)
}

var tokens = [...]tokenRow{
	Right:       {"right", "", "a right token", func(*draft) {}},
	Next:        {"next", "", "a token made with the next secret", func(*draft) {}},
	Future:      {"early", "", "a token whose iat lies 90 s ahead", func(d *draft) { d.age(-90 * time.Second) }},
	UpperHash:   {"upper-case-hash", "", "a token with payload_hash in upper case", func(d *draft) { d.set("payload_hash", strings.ToUpper(d.hash())) }},
	Twice:       {"twice", "", "the right token, a comma, and no token", func(d *draft) { d.suffix = ", not-a-token" }},
	JustExpired: {"expired-just", "", "a token that expired 5 s ago", func(d *draft) { d.age(lifetime + 5*time.Second) }},
	Short:       {"short", "", "a token that expires in 3 s", func(d *draft) { d.age(lifetime - ShortLives) }},

	Absent:        {"absent", rulebook.RequireToken, "no token", func(d *draft) { d.absent = true }},
	OtherKey:      {"other-key", rulebook.VerifySignature, "a token made with another key", func(d *draft) { d.key = []byte("another key than the one that is shared") }},
	EmptyKey:      {"empty-key", rulebook.VerifySignature, "a token made with the empty key", func(d *draft) { d.key = nil }},
	AlgNone:       {"none", rulebook.OnlyHS256, "an unsigned token of algorithm none", func(d *draft) { d.alg, d.sum = "none", nil }},
	AlgNoneUpper:  {"NONE", rulebook.OnlyHS256, "an unsigned token of algorithm NONE", func(d *draft) { d.alg, d.sum = "NONE", nil }},
	AlgNoneMixed:  {"nOnE", rulebook.OnlyHS256, "an unsigned token of algorithm nOnE", func(d *draft) { d.alg, d.sum = "nOnE", nil }},
	HS384:         {"HS384", rulebook.OnlyHS256, "a token of algorithm HS384", func(d *draft) { d.alg, d.sum = "HS384", sha512.New384 }},
	HS512:         {"HS512", rulebook.OnlyHS256, "a token of algorithm HS512", func(d *draft) { d.alg, d.sum = "HS512", sha512.New }},
	ExpiredSecond: {"expired-seconds", rulebook.RefuseExpired, "a token that expired 65 s ago", func(d *draft) { d.age(365 * time.Second) }},
	ExpiredMinute: {"expired-minutes", rulebook.RefuseExpired, "a token that expired 2 min ago", func(d *draft) { d.age(420 * time.Second) }},
	ExpiredDay:    {"expired-day", rulebook.RefuseExpired, "a token that expired a day ago", func(d *draft) { d.age(24*time.Hour + 5*time.Minute) }},
	NoExpiry:      {"no-exp", rulebook.RequireExp, "a token without exp", func(d *draft) { d.remove("exp") }},
	NoHash:        {"no-hash", rulebook.CompareHash, "a token without payload_hash", func(d *draft) { d.remove("payload_hash") }},
	EmptyHash:     {"empty-hash", rulebook.CompareHash, "a token whose payload_hash is empty", func(d *draft) { d.set("payload_hash", "") }},
	ShortHash:     {"short-hash", rulebook.CompareHash, "a token with the first half of payload_hash", func(d *draft) { d.set("payload_hash", d.hash()[:32]) }},
	PrefixedHash:  {"prefixed-hash", rulebook.CompareHash, "a token with characters behind payload_hash", func(d *draft) { d.set("payload_hash", d.hash()+"00") }},
	OtherBody:     {"other-body", rulebook.CompareHash, "a token made for another body", func(d *draft) { d.over(func(b []byte) []byte { return append([]byte(" "), b...) }) }},
	NoSignature:   {"no-signature", rulebook.VerifySignature, "a token whose signature is empty", func(d *draft) { d.sum = nil }},
	CutSignature:  {"cut-signature", rulebook.VerifySignature, "a token with the first 15 bytes of its signature", func(d *draft) { d.sign = func(b []byte) []byte { return b[:len(b)/6*3] } }},
	AlteredStart:  {"altered-start", rulebook.VerifySignature, "a token whose signature differs in its first byte", func(d *draft) { d.sign = func(b []byte) []byte { b[0] ^= 1; return b } }},
	AlteredEnd:    {"altered-end", rulebook.VerifySignature, "a token whose signature differs in its last byte", func(d *draft) { d.sign = func(b []byte) []byte { b[len(b)-1] ^= 1; return b } }},
	HalfHash: {"half-hash", rulebook.CompareHash, "a token whose payload_hash differs in its second half", func(d *draft) {
		right := d.hash()
		d.over(func(b []byte) []byte { return append([]byte(" "), b...) })
		d.set("payload_hash", right[:32]+d.hash()[32:])
	}},
	Earlier: {"earlier", rulebook.CompareHash, "the token of the notification before", func(d *draft) { d.over(func(b []byte) []byte { return append([]byte(" "), b...) }) }},
	Garbage: {"garbage", rulebook.RequireToken, "a header that is no token", func(d *draft) { d.whole = "not-a-token" }},
	Spent:   {"spent", rulebook.RefuseExpired, "the token that was right for it and has expired", func(d *draft) { d.age(lifetime + 5*time.Second) }},

	TextKey:    {"text-key", rulebook.DecodeSecret, "a token made with the secret's Base64 text as the key", func(d *draft) { d.key = []byte(base64.StdEncoding.EncodeToString(d.secret)) }},
	UTF8Key:    {"utf8-key", rulebook.DecodeSecret, "a token made with the secret decoded to a text", func(d *draft) { d.key = []byte(string([]rune(string(d.secret)))) }},
	UTF8Runs:   {"utf8-runs-key", rulebook.DecodeSecret, "a token made with the secret decoded to a text", func(d *draft) { d.key = utf8Text(d.secret) }},
	UTF8Merged: {"utf8-merged-key", rulebook.DecodeSecret, "a token made with the secret decoded to a text", func(d *draft) { d.key = bytes.ToValidUTF8(d.secret, []byte("\uFFFD")) }},
	UTF8Valid:  {"utf8-valid-key", rulebook.DecodeSecret, "a token made with the secret decoded to a text, less what is none", func(d *draft) { d.key = bytes.ToValidUTF8(d.secret, nil) }},
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

	NoKey:           {"no-key", rulebook.DecodeSecret, "a token made with an empty key", func(d *draft) { d.key = nil }},
	LineKey:         {"line-key", rulebook.DecodeSecret, "a token made with the secret's Base64 text and a line break as the key", func(d *draft) { d.key = append([]byte(base64.StdEncoding.EncodeToString(d.secret)), '\n') }},
	InAuthorization: {"authorization", rulebook.TokenWithoutPrefix, "the token in Authorization, behind \"Bearer \"", func(d *draft) { d.prefix = "Bearer " }},
	Base64Hash: {"base64-hash", rulebook.CompareHash, "a token with payload_hash in Base64", func(d *draft) {
		sum := sha256.Sum256(d.body)
		d.set("payload_hash", base64.StdEncoding.EncodeToString(sum[:]))
	}},
	CapitalHash:  {"capital-hash", rulebook.CompareHash, "a token with payload_hash in upper case", func(d *draft) { d.set("payload_hash", strings.ToUpper(d.hash())) }},
	LongLived:    {"long-lived", rulebook.RefuseExpired, "a token that expires in 26 h", func(d *draft) { d.set("exp", d.now.Add(26*time.Hour).Unix()) }},
	Milliseconds: {"milliseconds", rulebook.RefuseExpired, "a token whose exp is in milliseconds", func(d *draft) { d.set("exp", d.now.Add(5*time.Minute).UnixMilli()) }},
	LongAgo:      {"long-ago", rulebook.TolerateEarlyIat, "a token issued 26 h ago that has not expired", func(d *draft) { d.set("iat", d.now.Add(-26*time.Hour).Unix()) }},

	SignsDropped: {"dropped-signs-key", rulebook.DecodeSecret, "a token made with the secret less + and / of its Base64 text", func(d *draft) { d.key = decodedWithout(d.secret, "+/") }},
	PlusDropped:  {"dropped-plus-key", rulebook.DecodeSecret, "a token made with the secret less + of its Base64 text", func(d *draft) { d.key = decodedWithout(d.secret, "+") }},
	CutAtSign: {"cut-at-sign-key", rulebook.DecodeSecret, "a token made with the secret up to the first + or / of its Base64 text", func(d *draft) {
		d.key, _ = base64.URLEncoding.DecodeString(base64.StdEncoding.EncodeToString(d.secret))
	}},
	GroupsLeft: {"groups-left-key", rulebook.DecodeSecret, "a token made with the whole groups of what is left of the secret's Base64 text without + and /", func(d *draft) {
		d.key = decodedWithout(d.secret, "+/")
		d.key = d.key[:len(d.key)/3*3]
	}},
	WholeGroups: {"whole-groups-key", rulebook.DecodeSecret, "a token made with the secret less the last of its bytes", func(d *draft) { d.key = d.secret[:len(d.secret)/3*3] }},
}

// explanation is what a consumer does that accepts a token and no right one, and what mends that, where its rule does not say it.
type explanation struct{ text, mend string }

var decodedToText = explanation{"decodes the secret, and makes a text of its bytes, which changes them", "Use the bytes that the secret decodes to as the key, and make no text of them in between."}

var explains = map[Token]explanation{
	NoKey:           {"has no key", "Set the secret where the consumer runs, and refuse to start without one: whoever knows that the key is empty can send it anything."},
	LineKey:         {"takes the text of the secret for the key, with the line break of its file", "Cut the line break off, decode the secret from Base64, and use the bytes as the key."},
	UTF8Key:         decodedToText,
	UTF8Runs:        decodedToText,
	UTF8Merged:      decodedToText,
	UTF8Valid:       decodedToText,
	LatinKey:        decodedToText,
	ASCIIKey:        decodedToText,
	InAuthorization: {"reads the token from Authorization", "Read the token from Vonage-Signature; the sender writes neither Authorization nor Bearer."},
	Base64Hash:      {"compares payload_hash with the hash in Base64", "Write the SHA-256 of the raw body in lower-case hexadecimal, and compare that."},
	CapitalHash:     {"compares payload_hash with the hash in upper case", "Write the SHA-256 of the raw body in lower-case hexadecimal, and compare that."},
	LongLived:       {"takes right tokens for expired: its clock is ahead, or it reads exp in a local time", "Set the clock by NTP, and compare exp with seconds since 1970 in UTC."},
	Milliseconds:    {"compares exp, which is in seconds, with milliseconds", "Compare exp with seconds since 1970: divide the milliseconds of the clock by 1,000."},
	LongAgo:         {"takes right tokens for not yet issued: its clock is behind, or it reads iat in a local time", "Do not compare iat; set the clock by NTP, and compare exp with seconds since 1970 in UTC."},
	SignsDropped:    {"decodes the secret as Base64 for URLs, which has - and _ for + and /, and drops these signs", "Decode the secret as standard Base64, with + and /, in a way that fails where there is any other sign."},
	GroupsLeft:      {"decodes the secret as Base64 for URLs, which has - and _ for + and /, and drops these signs and the last of what is left", "Decode the secret as standard Base64, with + and /, in a way that fails where there is any other sign."},
	PlusDropped:     {"loses each + of the secret before it decodes it, as a part of a URL or form does", "Read the secret as it stands, not as a part of a URL or form, and decode it from Base64 in a way that fails where there is any other sign."},
	CutAtSign:       {"decodes the secret as Base64 for URLs, which has - and _ for + and /, and takes what stands before these signs for all of it", "Decode the secret as standard Base64, with + and /, and look whether that failed."},
	WholeGroups:     {"decodes the secret in whole groups of four signs, and drops what is left", "Decode the secret with the = at its end, or have them added again: the last signs belong to the key."},
}

// lesser are what a consumer does that accepts such tokens, and none of the same rule that is not among them.
var lesser = map[Token]string{
	ExpiredSecond: "accepts tokens for more than a minute after they have expired",
	ExpiredMinute: "accepts tokens for minutes after they have expired",
	NoSignature:   "accepts tokens without a signature",
	CutSignature:  "compares a part of the signature only",
	AlteredStart:  "compares a part of the signature only",
	AlteredEnd:    "compares a part of the signature only",
	ShortHash:     "compares a part of payload_hash only",
	PrefixedHash:  "compares a part of payload_hash only",
	HalfHash:      "compares a part of payload_hash only",
	NoHash:        "compares payload_hash only where there is one: who leaves it out may send any body",
	EmptyHash:     "compares payload_hash only where there is one: who leaves it out may send any body",
	Spent:         "goes on to take a token for right that it has seen before it expired",
	Earlier:       "takes a token for right that it has seen before, whatever the body is",
}

// decodedWithout is what is decoded by who drops signs of the Base64 text, and as much of what is left as makes whole bytes.
func decodedWithout(secret []byte, signs string) []byte {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune(signs, r) {
			return -1
		}
		return r
	}, base64.RawStdEncoding.EncodeToString(secret))
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	key, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil // it has nothing but signs of Base64
	}
	return key
}

// String is the name of the token, as it stands in trials.
func (t Token) String() string { return tokens[t].name }

// Text says what the token is.
func (t Token) Text() string { return tokens[t].text }

// Explains says what a consumer does that accepts such a token and refuses the right one, and what mends it.
func (t Token) Explains() (text, mend string) {
	rule := rulebook.Of(t.Rule())
	return cmp.Or(explains[t].text, rule.Broken), cmp.Or(explains[t].mend, rule.Mend)
}

// Authentic reports whether a correct consumer accepts it, or may accept it.
func (t Token) Authentic() bool { return tokens[t].forged == "" }

// Rule is the rule that a consumer breaks that accepts it; "" of authentic ones.
func (t Token) Rule() rulebook.ID { return tokens[t].forged }

// Broken is what a consumer does that accepts such tokens of one rule, and no others of it; "": what the rule says.
func Broken(accepted []Token) (text string) {
	for _, t := range accepted {
		if text = lesser[t]; text == "" {
			return ""
		}
	}
	return text
}

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
