package event

import (
	"time"

	"github.com/ringback/ringback/internal/jsontext"
)

// Append appends the compact JSON body of e to dst and returns it. It allocates only
// when dst is too small; 1 KiB of capacity is enough unless texts are long.
func Append(dst []byte, e Event) []byte {
	dst = append(dst, `{"specversion":"1.0","type":"`...)
	dst = append(dst, kindNames[e.Type.Kind]...)
	dst = append(dst, versionNames[e.Type.Version]...)
	dst = append(dst, `","id":"`...)
	dst = append(dst, e.ID[:]...)
	if e.Type.Kind.Agent() {
		dst = append(dst, `","source":"/agent","subject":`...)
		dst = jsontext.AppendString(dst, e.User.AgentID)
	} else {
		dst = append(dst, `","source":"/channel","subject":"`...)
		dst = append(dst, e.Channel.ChannelID[:]...)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"time":"`...)
	dst = e.Time.Append(dst)
	dst = append(dst, `","datacontenttype":"application/json","data":{"timestamp":"`...)
	dst = e.Timestamp.Append(dst)
	dst = append(dst, '"')
	if e.Type.Kind.Agent() {
		dst = appendPresence(dst, &e)
	} else {
		dst = appendChannel(dst, &e)
	}
	return append(dst, '}', '}')
}

// appendChannel writes channel and reason. The documented examples put the reason before
// the channel in ended and after it in connectionfailed.
func appendChannel(dst []byte, e *Event) []byte {
	if e.Reason != "" && e.Type.Kind != ConnectionFailed {
		dst = jsontext.AppendString(append(dst, `,"reason":`...), e.Reason)
	}
	c := &e.Channel
	dst = append(dst, `,"channel":{"conversationId":"`...)
	dst = append(dst, c.ConversationID[:]...)
	dst = append(dst, `","interactionId":"`...)
	dst = append(dst, c.InteractionID[:]...)
	dst = append(dst, `","channelId":"`...)
	dst = append(dst, c.ChannelID[:]...)
	dst = append(dst, `","party":{"role":"`...)
	dst = append(dst, roleNames[c.Party.Role]...)
	dst = append(dst, '"')
	switch {
	case c.Party.User != User{}:
		dst = appendUser(append(dst, ','), &c.Party.User)
	case c.Party.NullIDs:
		dst = append(dst, `,"agentId":null,"userId":null`...)
	}
	dst = append(dst, '}', '}')
	if e.Reason != "" && e.Type.Kind == ConnectionFailed {
		dst = jsontext.AppendString(append(dst, `,"reason":`...), e.Reason)
	}
	return dst
}

func appendPresence(dst []byte, e *Event) []byte {
	p := &e.Presence
	dst = append(dst, `,"presence":{"presenceId":"`...)
	dst = append(dst, p.PresenceID[:]...)
	dst = append(dst, `","category":{"type":`...)
	dst = jsontext.AppendString(dst, p.Category.Type)
	dst = append(dst, `,"description":`...)
	dst = jsontext.AppendString(dst, p.Category.Description)
	dst = append(dst, `,"subcategory":`...)
	dst = jsontext.AppendString(dst, p.Category.Subcategory)
	dst = append(dst, `},"description":`...)
	dst = jsontext.AppendString(dst, p.Description)
	dst = append(dst, `},"user":{`...)
	dst = appendUser(dst, &e.User)
	return append(dst, '}')
}

func appendUser(dst []byte, u *User) []byte {
	dst = append(dst, `"agentId":`...)
	dst = jsontext.AppendString(dst, u.AgentID)
	dst = append(dst, `,"userId":"`...)
	dst = append(dst, u.UserID[:]...)
	return append(dst, '"')
}

// Append appends the moment as ISO 8601 in UTC, ending in Z.
func (s Stamp) Append(dst []byte) []byte {
	t := s.UTC()
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	text := [30]byte{4: '-', 7: '-', 10: 'T', 13: ':', 16: ':', 19: 'Z'}
	twoDigits(text[0:2], year/100)
	twoDigits(text[2:4], year%100)
	twoDigits(text[5:7], int(month))
	twoDigits(text[8:10], day)
	twoDigits(text[11:13], hour)
	twoDigits(text[14:16], minute)
	twoDigits(text[17:19], sec)
	n := int(min(s.Digits, MaxDigits))
	if n == 0 {
		return append(dst, text[:20]...)
	}
	text[19] = '.'
	ns := t.Nanosecond()
	twoDigits(text[20:22], ns/1e7)
	twoDigits(text[22:24], ns/1e5%100)
	twoDigits(text[24:26], ns/1e3%100)
	twoDigits(text[26:28], ns/10%100)
	text[28] = '0' + byte(ns%10)
	text[20+n] = 'Z'
	return append(dst, text[:21+n]...)
}

func twoDigits(text []byte, v int) {
	text[0], text[1] = '0'+byte(v/10), '0'+byte(v%10)
}

// String is the moment as it stands in a body.
func (s Stamp) String() string { return string(s.Append(nil)) }

// Truncated is the moment that the digits show.
func (s Stamp) Truncated() time.Time {
	step := time.Second
	for range min(s.Digits, MaxDigits) {
		step /= 10
	}
	return s.Time.Truncate(step)
}
