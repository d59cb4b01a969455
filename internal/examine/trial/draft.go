package trial

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"time"
	"unicode/utf8"
)

// draft is a token in the making.
type draft struct {
	alg    string
	claims []claim
	key    []byte
	sum    func() hash.Hash    // nil: no signature
	sign   func([]byte) []byte // changes the signature; nil: it stays as it is
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
	sum := mac(d.sum, d.key, []byte(text))
	if d.sign != nil {
		sum = d.sign(sum)
	}
	return d.prefix + text + "." + encode(sum) + d.suffix, false
}

// utf8Text decodes bytes as browsers, Node.js, Java and Python do: what begins a character and does not end it becomes one sign
// altogether.
func utf8Text(b []byte) (out []byte) {
	for len(b) > 0 {
		if r, size := utf8.DecodeRune(b); r != utf8.RuneError || size > 1 {
			out, b = append(out, b[:size]...), b[size:]
			continue
		}
		size := 1
		for size < len(b) && !utf8.FullRune(b[:size+1]) {
			size++
		}
		out, b = utf8.AppendRune(out, utf8.RuneError), b[size:]
	}
	return out
}

// age makes the claims of a token that was issued so long ago.
func (d *draft) age(age time.Duration) {
	issued := d.now.Add(-age).Unix()
	id := sha256.Sum256(append([]byte(d.now.Format(time.RFC3339Nano)), d.body...))
	d.claims = []claim{{"iat", issued}, {"jti", hex.EncodeToString(id[:16])}, {"iss", "Vonage"}, {"payload_hash", d.hash()}, {"exp", issued + int64(lifetime/time.Second)}}
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
