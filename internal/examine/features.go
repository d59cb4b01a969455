package examine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/show"
)

// feature is something that a delivery may be refused, or lost, for. A value is refused if some deliveries have it and
// all of these are.
type feature struct {
	rule   rulebook.ID
	value  func(*answered) string // "": the delivery does not have it
	text   string                 // what is refused, with the value as %s
	chance bool                   // some may be accepted all the same
	mend   string                 // what mends it; "": what the rule says
}

// features are tried from the first to the last; of those that explain as much the first one is taken.
var features = []feature{
	{rule: rulebook.RetryIsNoDuplicate, value: func(a *answered) string { return is(again(a), "came again") }, text: "loses what %s after it had failed"},
	{rule: rulebook.TolerateEarlyIat, value: func(a *answered) string { return is(a.Token == trial.Future, "90 s") }, text: "refuses tokens whose iat lies %s ahead"},
	{rule: rulebook.AcceptNextSecret, value: func(a *answered) string { return is(a.Token == trial.Next, "next secret") }, text: "refuses tokens made with the %s"},
	{rule: rulebook.ReadWholeBody, value: func(a *answered) string { return is(tornCharacter(a), "cut in two") },
		text: "decodes each piece of a body by itself: refuses bodies with a character that is %s",
		mend: "Put the pieces of a body together as bytes, hash these, and decode them when they are complete."},
	{rule: rulebook.IgnoreUnknownTypes, value: func(a *answered) string { return is(!knownType(a.Type), "types that it does not know") }, text: "refuses %s"},
	{rule: rulebook.IgnoreUnknownMembers, value: func(a *answered) string {
		return is(otherMembers(a.Body), "members that it does not know")
	}, text: "refuses %s"},
	{rule: rulebook.ReadAnyJSON, value: func(a *answered) string {
		return is(!bytes.Equal(trial.Compact(a.Body), bytes.TrimSpace(a.Body)), "blanks")
	}, text: "refuses bodies with %s between members"},
	{rule: rulebook.ReadAnyJSON, value: func(a *answered) string {
		return is(len(a.Body) > 0 && a.Body[0] != '{' && len(bytes.TrimSpace(a.Body)) > 0, "blanks before the first brace")
	}, text: "refuses bodies with %s"},
	{rule: rulebook.ReadAnyJSON, value: func(a *answered) string { return is(bytes.Contains(a.Body, []byte("\r\n")), "CR and LF") }, text: "refuses bodies whose lines end with %s"},
	{rule: rulebook.ReadAnyJSON, value: func(a *answered) string { return is(bytes.Contains(a.Body, []byte(`\u00`)), "escapes") }, text: "refuses bodies with %s such as \\u0041"},
	{rule: rulebook.ReadAnyJSON, value: func(a *answered) string {
		data := bytes.Index(a.Body, []byte(`"data"`))
		return is(data >= 0 && data < bytes.Index(a.Body, []byte(`"type"`)), "another order of members")
	}, text: "refuses bodies with %s"},
	{rule: rulebook.ReadAnyJSON, value: func(a *answered) string { return is(bytes.ContainsAny(a.Body, "<>&"), "characters that HTML knows") }, text: "refuses bodies with %s"},
	{rule: rulebook.ReadAnyJSON, value: func(a *answered) string { return is(!ascii(a.Body), "other characters than those of ASCII") }, text: "refuses bodies with %s"},
	{rule: rulebook.ReadAnyJSON, value: func(a *answered) string { return is(fractions(a.Body), "numbers") }, text: "refuses bodies with %s such as 1.0 and 1E+2"},
	{rule: rulebook.ReadAnyJSON, value: func(a *answered) string { return is(bytes.HasSuffix(a.Body, []byte("\n")), "newline") }, text: "refuses bodies with a %s at the end"},
	{rule: rulebook.IgnoreMediaParameters, value: func(a *answered) string { return is(a.Media != "", "parameters") }, text: "refuses a Content-Type with %s, such as charset"},
	{rule: rulebook.IgnoreMediaParameters, value: func(a *answered) string { return a.Media }, text: "refuses Content-Type: %s"},
	{rule: rulebook.HeaderNamesInAnyCase, value: func(a *answered) string { return is(a.Wire.Way == trial.LowerCase, "lower case") }, text: "refuses headers whose names are in %s"},
	{rule: rulebook.RecoverFromCutOff, value: func(a *answered) string { return is(a.Wire.Way == trial.CutOff, "was cut off") }, text: "loses a notification whose first attempt %s"},
	{rule: rulebook.RecoverFromCutOff, value: func(a *answered) string {
		return is(a.Wire.Way == trial.CutOff && a.Wire.At > 0, "was cut off within the body")
	},
		text: "loses a notification whose first attempt %s"},
	{rule: rulebook.ReadWholeBody, value: func(a *answered) string {
		return is(a.Wire.Way == trial.Slow || a.Wire.Way == trial.Split && a.Wire.At >= 0, "pieces") // behind the head one comes, and chunks may be there at once
	}, text: "takes the first piece of the body for all of it: refuses what comes in several %s"},
	{rule: rulebook.ReadWholeBody, value: func(a *answered) string { return is(inPieces(a) != "", "pieces") }, text: "takes the first piece of the body for all of it: refuses what comes in several %s"},
	{rule: rulebook.ReadWholeBody, value: func(a *answered) string {
		return is(inPieces(a) != "" || a.Burst != 0 || len(a.Body) > 2<<10, "pieces")
	},
		text: "takes the first piece of the body for all of it: refuses what comes in several %s", chance: true},
	{rule: rulebook.ReadWholeBody, value: inPieces, text: "refuses bodies that come %s"},
	{rule: rulebook.GUIDsOfAnyForm, value: func(a *answered) string {
		return is(aboutChannel(a) && !version4(a.Channel+a.Interaction+a.Conversation), "not of version 4")
	}, text: "refuses GUIDs that are %s"},
	{rule: rulebook.GUIDsOfAnyForm, value: func(a *answered) string {
		return is(aboutChannel(a) && a.Channel == a.Interaction, "that of the interaction, too")
	},
		text: "cannot handle a channelId that is %s"},
	{rule: rulebook.AcceptPresence, value: func(a *answered) string {
		return is(knownType(a.Type) && strings.HasPrefix(a.Type, "agent."), "what is about no channel")
	}, text: "refuses %s"},
	{rule: rulebook.TimestampsOfAnyLength, value: func(a *answered) string { return is(digits(a) != "", "another number of fractional digits than three") }, text: "refuses timestamps with %s"},
	{rule: rulebook.TimestampsOfAnyLength, value: digits, text: "refuses timestamps with %s"},
	{rule: rulebook.AcceptVersions, value: func(a *answered) string { return version(a.Type) }, text: "refuses notifications of version %s"},
	{rule: rulebook.AcceptNullIDs, value: func(a *answered) string { return is(bytes.Contains(a.Body, []byte(`"agentId":null`)), "null") }, text: "refuses parties whose agentId is %s"},
	{rule: rulebook.AcceptExternal, value: func(a *answered) string {
		return is(aboutChannel(a) && !bytes.Contains(a.Body, []byte(`"agentId"`)), "that have none")
	}, text: "needs agentId, and refuses parties %s"},
	{rule: rulebook.AcceptExternal, value: func(a *answered) string { return is(aboutChannel(a) && a.Role == "external", a.Role) }, text: "refuses parties of role %s, which have no agentId"},
	{rule: rulebook.AcceptExternal, value: func(a *answered) string { return is(aboutChannel(a) && a.AgentID == nil, "without agentId") }, text: "refuses parties %s"},
	{rule: rulebook.StoreBeforeAlerted, value: beforeAlerted, text: "refuses what comes %s"},
	{rule: rulebook.NeverReopen, value: afterEnded, text: "refuses what comes %s"},
	{rule: rulebook.CountOnce, value: repeated, text: "refuses %s: they come again for 24 hours", mend: "Answer 204 to what you know already, as you did the first time."},
	{rule: rulebook.RefuseWithoutStoring, value: afterForgery, text: "loses what comes %s"},
	{rule: rulebook.NeverReopen, value: func(a *answered) string { return is(belated(a, false), "older") }, chance: true,
		text: "refuses what is %s than what it has accepted of the channel", mend: takeLate},
	{rule: rulebook.NeverReopen, value: func(a *answered) string { return is(belated(a, true), "no newer") }, chance: true,
		text: "refuses what is %s than what it has accepted of the channel", mend: takeLate},
	{rule: rulebook.ZeroLengthPhases, value: sameInstant, text: "fails on phases of no length: %s of a channel at one instant"},
	{rule: rulebook.AgentIDIsText, value: unlikeNumber, text: "refuses agentIds %s"},
	{rule: rulebook.AcceptValid, value: func(a *answered) string { return is(aboutChannel(a) && a.Role != "external", a.Role) }, text: "refuses parties of role %s"},
	{rule: rulebook.AcceptValid, value: func(a *answered) string { return a.Type }, text: "refuses %s"},
	{rule: rulebook.AcceptValid, value: reason, text: "refuses the reason %s"},
	{rule: rulebook.AcceptValid, value: func(a *answered) string { return is(aboutChannel(a), a.Type+" of parties of role "+a.Role) }, text: "refuses %s"},
}

// tornCharacter reports whether a body came in two pieces with a part of one character in each.
func tornCharacter(a *answered) bool {
	at := a.Wire.At
	return a.Wire.Way == trial.Split && at > 0 && at < len(a.Body) && !utf8.RuneStart(a.Body[at])
}

// again reports whether a notification was accepted after the consumer had failed on it, and was not killed: what is marked in memory
// is lost with it.
func again(a *answered) bool {
	first := a.answer.First
	return a.answer.Accepted() && a.answer.Attempts > 1 && !crashes(a.played.Trial) && (first >= 500 || first == 408 || first == 429)
}

// unlikeNumber says why an agentId may be none that can be read as a small number, and written as the same text; "": it can be.
func unlikeNumber(a *answered) string {
	id, text := a.AgentID.(string)
	if !text {
		return ""
	}
	switch n, err := strconv.ParseUint(id, 10, 64); {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return "that are no numbers"
	case err != nil || n > math.MaxInt32:
		return "that have no place in 32 bits"
	case len(id) > 1 && id[0] == '0':
		return "that begin with a zero"
	}
	return ""
}

func (f *feature) said(value string) string {
	if strings.Contains(f.text, "%s") {
		return fmt.Sprintf(f.text, value)
	}
	return f.text
}

func is(yes bool, value string) string {
	if yes {
		return value
	}
	return ""
}

func knownType(name string) bool {
	_, err := event.ParseType(name)
	return err == nil
}

// aboutChannel reports whether a notification is about a channel, and of a known type.
func aboutChannel(a *answered) bool { return a.Channel != "" && knownType(a.Type) }

// fractions reports whether a body has numbers with a fraction or an exponent.
func fractions(body []byte) bool {
	all := json.NewDecoder(bytes.NewReader(body))
	all.UseNumber()
	for {
		token, err := all.Token()
		if err != nil {
			return false
		}
		if n, is := token.(json.Number); is && strings.ContainsAny(n.String(), ".eE") {
			return true
		}
	}
}

// members are the names of those that are documented.
var members = strings.Fields(`specversion type id source subject time datacontenttype data timestamp reason channel conversationId interactionId
	channelId party role agentId userId presence presenceId category description subcategory user`)

// otherMembers reports whether a body has members that are not documented.
func otherMembers(body []byte) bool {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return false
	}
	return other(v)
}

func other(v any) bool {
	object, is := v.(map[string]any)
	if !is {
		return false
	}
	for name, value := range object {
		if !slices.Contains(members, name) || other(value) {
			return true
		}
	}
	return false
}

func inPieces(a *answered) string {
	switch a.Wire.Way {
	case trial.Chunked:
		return "in chunks"
	case trial.Slow:
		return "slowly"
	case trial.Split:
		return "in two pieces"
	}
	return ""
}

// version4 reports whether all GUIDs in a row are of version 4 and of the usual variant.
func version4(guids string) bool {
	for at := 0; at+36 <= len(guids); at += 36 {
		if guids[at+14] != '4' || !strings.ContainsRune("89abAB", rune(guids[at+19])) {
			return false
		}
	}
	return true
}

// digits is how many fractional digits the timestamp of a channel's notification has. Who stores no presence need not read that of one.
func digits(a *answered) string {
	if n := fraction(a); aboutChannel(a) && n != 3 {
		return show.Counted(uint64(n), "fractional digit")
	}
	return ""
}

// fraction is how many fractional digits its timestamp has.
func fraction(a *answered) int {
	_, digits, _ := strings.Cut(strings.TrimSuffix(a.Timestamp, "Z"), ".")
	return len(digits)
}

func version(name string) string {
	for _, v := range []string{"v0", "v1"} {
		if strings.HasSuffix(name, "."+v) {
			return v
		}
	}
	return ""
}

// earlier reports whether a trial has sent something before a delivery.
func (a *answered) earlier(such func(*trial.Delivery) bool) bool {
	for i := range a.nth {
		if d := a.played.Delivery(i); d.Channel == a.Channel && such(d) {
			return true
		}
	}
	return false
}

func ofKind(kind string) func(*trial.Delivery) bool {
	return func(d *trial.Delivery) bool { return strings.HasPrefix(d.Type, kind) }
}

// beforeAlerted says that the channel's alerted comes later, or may come later, being one of the same burst.
func beforeAlerted(a *answered) string {
	first := ofKind("channel.alerted")
	if !aboutChannel(a) || first(a.Delivery) {
		return ""
	}
	refused := !a.answer.Accepted()
	for i := range a.played.Deliveries {
		d := &a.played.Deliveries[i]
		if d.Channel != a.Channel || !first(d) || i == a.nth {
			continue
		}
		together := a.Burst != 0 && d.Burst == a.Burst
		if i < a.nth && !(together && refused) {
			return ""
		}
		return "before the channel's alerted"
	}
	return ""
}

func afterEnded(a *answered) string {
	return is(aboutChannel(a) && a.earlier(ofKind("channel.ended")), "after the channel's ended")
}

// takeLate is what mends that late notifications are refused.
const takeLate = "Accept what comes late, store it with its data.timestamp, and work the phases out from the events in that order: what you refuse never comes again."

// belated reports whether something newer of the channel, or of the same instant, was accepted before, or may have been, being one of the same burst.
// Of what is accepted, that does not count which is a duplicate, or what came before a crash: who refuses what is late may have forgotten it there.
func belated(a *answered, equal bool) bool {
	at, err := time.Parse(time.RFC3339Nano, a.Timestamp)
	refused := !a.answer.Accepted()
	if !aboutChannel(a) || err != nil || !refused && repeated(a) != "" {
		return false
	}
	newer := false
	for i := range a.played.Answers {
		d := a.played.Delivery(i)
		if !refused && (d.Crash.When != trial.Never || i == len(a.played.Deliveries)) {
			newer = false
		}
		together := a.Burst != 0 && d.Burst == a.Burst
		switch {
		case i >= a.nth && !together:
			return newer
		case d.Channel != a.Channel || d.ID == a.ID || together && !refused || !d.Token.Authentic() || !a.played.Answers[i].Accepted():
			continue
		}
		if known, err := time.Parse(time.RFC3339Nano, d.Timestamp); err == nil && (known.After(at) || equal && known.Equal(at)) {
			newer = true
		}
	}
	return newer
}

// repeated reports whether it came before: the consumer may have stored an attempt that it did not answer, and of two at once either
// may be the first one.
func repeated(a *answered) string {
	refused := a.answer.Status >= 400 && a.answer.Status < 500
	if refused && a.answer.Attempts > 1 {
		return "duplicates"
	}
	for i := range a.played.Deliveries {
		if d := &a.played.Deliveries[i]; refused && i != a.nth && a.Burst != 0 && d.Burst == a.Burst && d.ID == a.ID {
			return "duplicates"
		}
	}
	return is(a.earlier(func(d *trial.Delivery) bool { return d.ID == a.ID && d.Source == a.Source && d.Token.Authentic() }), "duplicates")
}

func afterForgery(a *answered) string {
	return is(a.Token == trial.Right && a.earlier(func(d *trial.Delivery) bool { return d.ID == a.ID && !d.Token.Authentic() }), "after a forgery with the same id")
}

// sameInstant names two events of a channel at one instant, of which this one came later, or may have.
func sameInstant(a *answered) string {
	if !aboutChannel(a) {
		return ""
	}
	kind := func(d *trial.Delivery) string {
		return strings.TrimPrefix(d.Type[:strings.LastIndexByte(d.Type, '.')], "channel.")
	}
	for i := range a.played.Deliveries {
		d := &a.played.Deliveries[i]
		later := i < a.nth || a.Burst != 0 && d.Burst == a.Burst && !a.answer.Accepted()
		if later && d.Channel == a.Channel && d.Timestamp == a.Timestamp && knownType(d.Type) && kind(d) != kind(a.Delivery) {
			both := []string{kind(d), kind(a.Delivery)}
			slices.Sort(both)
			return strings.Join(both, " and ")
		}
	}
	return ""
}

// reason is that of the end of a channel.
func reason(a *answered) string {
	if !strings.HasPrefix(a.Type, "channel.ended") {
		return ""
	}
	var b struct{ Data struct{ Reason string } }
	if json.Unmarshal(a.Body, &b) != nil {
		return ""
	}
	return b.Data.Reason
}
