// Package assume names what the public documentation of the API leaves open.
//
// A name and a value come in, from a flag or a scenario; a Set of choices comes out. It
// promises that every assumption that shows on the wire is listed here with its default,
// and that the zero Set is all defaults. It never decides anything itself: the planner
// and the emitter ask it.
package assume

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/nearest"
)

// Name is one assumption.
type Name uint8

// String is the name that users write.
func (n Name) String() string { return rows[n].Name }

// The assumptions, in the order of docs/assumptions.md.
const (
	AbsentIDs Name = iota
	HeldChannel
	HangupWhileAway
	InterruptAt
	ResumeAt
	Reason
	DisconnectedReason
	Abandon
	AgentLeg
	TimestampDigits
	TimeDigits
	IDForm
	BodyStyle
	UnexpectedTime
	PresenceOnDial
	FailedDialWrap
	Workspace
	Success
	RetryAfter
	Redirects
	SignaturePrefix
	JoinedRole
	ContentType
	TokenClock
	MissingScope
	AbsenceCategory
	OfflineSubcategory
	count
)

// Row says what one assumption means.
type Row struct {
	Name    string
	Default string        // what holds unless something else is chosen
	Others  []string      // the other values
	AnyText bool          // any other text is a value as well
	AnySpan bool          // any time or range of times is
	Skew    time.Duration // if not 0: any time of at most this length is a value as well, also a negative one
	Doc     string
}

var digits = []string{"0", "1", "2", "3", "4", "5", "6", "7"}

var rows = [count]Row{
	AbsentIDs: {Name: "absent-ids", Default: "omit", Others: []string{"null"},
		Doc: "external and voicemail parties have no agentId and userId, or have them as null"},
	HeldChannel: {Name: "held-channel", Default: "customer", Others: []string{"agent", "both"},
		Doc: "whose channel raises held and retrieved when an outside party is put on hold, in hold, consult, transfer and conference alike: that party's, that of the agent who has been on the call the longest, or both; an agent on hold raises them on the agent's own channel in any case"},
	HangupWhileAway: {Name: "hangup-while-away", Default: "return", Others: []string{"direct"},
		Doc: "a held, parked or interrupted channel that ends first raises retrieved, unparked or resumed in the same instant, or ends directly"},
	InterruptAt: {Name: "interrupt-at", Default: "connected", Others: []string{"alerted"},
		Doc: "other work is interrupted when the agent takes the call, or already when the call alerts"},
	ResumeAt: {Name: "resume-at", Default: "ended", Others: []string{"disconnected"},
		Doc: "other work resumes when the call's wrap is over, or already when the call disconnects"},
	Reason: {Name: "reason", Default: "released", AnyText: true,
		Doc: "the reason that connectionfailed and ended carry; only released is documented, other APIs of the vendor also name NumberBusy, NoAnswer, NumberUnobtainable, CallRejected and CallFailed"},
	DisconnectedReason: {Name: "disconnected-reason", Default: "none", AnyText: true,
		Doc: "the reason that disconnected carries"},
	Abandon: {Name: "abandon", Default: "ended", Others: []string{"connectionfailed"},
		Doc: "a channel still alerting when the other side gives up raises ended alone, or connectionfailed and ended"},
	AgentLeg: {Name: "agent-leg", Default: "ring", Others: []string{"answered"},
		Doc: "the phone of an agent who dials rings first, or the agent's channel is connected at once"},
	TimestampDigits: {Name: "timestamp-digits", Default: "3 for channels, 7 for agents", Others: digits,
		Doc: "fractional digits of data.timestamp"},
	TimeDigits: {Name: "time-digits", Default: "7", Others: digits[:7],
		Doc: "fractional digits of time"},
	IDForm: {Name: "id-form", Default: "v4", Others: []string{"any", "channel-is-interaction"},
		Doc: "conversations, interactions, channels and users have GUIDs of RFC version 4, or of no RFC version, as 0173fbe1-73de-c757-e848-… in the documentation; or version 4, with the interaction's own for its first external channel"},
	BodyStyle: {Name: "body-style", Default: "compact", Others: []string{"spaced", "pretty", "reordered", "escaped", "newline", "non-ascii", "mixed"},
		Doc: "how bodies are written: with blanks, over several lines, with members in another order, with \\u escapes and \\/, with a line break at the end, with characters beyond ASCII in descriptions and reasons, or in a style that is drawn for each notification; the signature covers the bytes as sent"},
	UnexpectedTime: {Name: "unexpected-time", Default: "5s", Others: []string{"0s"}, AnySpan: true,
		Doc: "how long a channel whose connection failed is unexpected before it ends; an agent whose channel it is stays in No Answer meanwhile"},
	PresenceOnDial: {Name: "presence-on-dial", Default: "none", Others: []string{"ready-offline"},
		Doc: "an agent who begins to dial changes to no presence, or to Ready (Offline), and back when the call and its after-work are over"},
	FailedDialWrap: {Name: "failed-dial-wrap", Default: "full", Others: []string{"none"},
		Doc: "an agent whose call reaches nobody has after-work as after any call, or none"},
	Workspace: {Name: "workspace", Default: "contactpad", Others: []string{"calls-only", "any"},
		Doc: "which stories are possible: in ContactPad calls, emails and cases are consulted about and transferred, and chats are consulted about only; in the vendor's newer workspace only calls are; or everything is; loosened in the file of a story alone"},
	Success: {Name: "success", Default: "200-205", Others: []string{"2xx"},
		Doc: "statuses that count as accepted"},
	RetryAfter: {Name: "retry-after", Default: "ignore", Others: []string{"obey"},
		Doc: "whether a Retry-After header moves the next attempt"},
	Redirects: {Name: "redirects", Default: "fail", Others: []string{"follow"},
		Doc: "whether a redirect is a failed attempt or is followed"},
	SignaturePrefix: {Name: "signature-prefix", Default: "none", AnyText: true,
		Doc: `what stands before the token in Vonage-Signature; the vendor's sample before October 2024 had "Bearer "`},
	JoinedRole: {Name: "joined-role", Default: "monitor", Others: []string{"agent"},
		Doc: "a supervisor who joins stays on the monitor's channel, or it ends and an agent's channel, without wrap, begins in the same instant"},
	ContentType: {Name: "content-type", Default: "application/cloudevents+json", Others: []string{"application/cloudevents+json; charset=utf-8"},
		Doc: "the Content-Type of requests, with or without a parameter; both mean the same"},
	TokenClock: {Name: "token-clock", Default: "0s", Skew: 24 * time.Hour,
		Doc: "how far the clock that dates tokens is ahead of the real one, or behind it (-30s): it moves iat and exp. Beyond -5m all tokens have expired"},
	MissingScope: {Name: "missing-scope", Default: "401", Others: []string{"403"},
		Doc: "what the API of serve answers to an access token without the scope, if its client has the scope: 401 Unauthorized, or 403; without effect elsewhere"},
	AbsenceCategory: {Name: "absence-category", Default: "extendedAway", Others: []string{"away"},
		Doc: "the category of the presences Lunch, In meeting, Paperwork, Team meeting and Training"},
	OfflineSubcategory: {Name: "offline-subcategory", Default: "readyOffline", Others: []string{"readyOutbound", "ready"},
		Doc: "the subcategory of the presence Ready (Offline), which older pages call Ready for Outbound"},
}

// Rows lists all assumptions.
func Rows() []Row { return append([]Row(nil), rows[:]...) }

// Set is one choice for every assumption; its zero value is all defaults. Sets can be
// compared with ==; one in which a default was chosen by name differs from one in which
// nothing was chosen, since it may lie over another one.
type Set struct{ values [count]string }

// Get is the value of an assumption, and "" for its default.
func (s Set) Get(n Name) string {
	if s.values[n] == rows[n].Default {
		return ""
	}
	return s.values[n]
}

// Chosen is the value that was chosen for an assumption, which may be its default by name,
// and whether one was.
func (s Set) Chosen(n Name) (value string, chosen bool) { return s.values[n], s.values[n] != "" }

// Is reports whether an assumption has a value other than its default.
func (s Set) Is(n Name, value string) bool { return s.Get(n) == value }

// Change chooses a value by the names that users write. The default may be named, too.
func (s *Set) Change(name, value string) error {
	names := nearest.Names(rows[:], func(r Row) string { return r.Name })
	n := slices.Index(names, name)
	if n < 0 {
		return fmt.Errorf("unknown assumption %q%s", name, cmp.Or(nearest.DidYouMean(name, names), "; known are "+strings.Join(names, ", ")))
	}
	if row := rows[n]; value != row.Default && !slices.Contains(row.Others, value) && (!row.AnyText || value == "") && (!row.AnySpan || !isSpan(value)) && !row.skews(value) {
		return fmt.Errorf("assumption %s: want %s, got %q%s", row.Name, row.wanted(), value, nearest.DidYouMean(value, append([]string{row.Default}, row.Others...)))
	}
	s.values[n] = value
	return nil
}

// skews reports whether a value is a time that the row allows.
func (r Row) skews(value string) bool {
	d, err := time.ParseDuration(value)
	return err == nil && d <= r.Skew && d >= -r.Skew && r.Skew > 0
}

// wanted lists the values for an error; what has spaces in it stands in quotes.
func (r Row) wanted() string {
	all := r.Values()
	for i, v := range all[:1+len(r.Others)] {
		if strings.Contains(v, " ") {
			all[i] = strconv.Quote(v)
		}
	}
	return strings.Join(all, ", ")
}

var spanForm = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(h|ms|m|s))+(\.\.([0-9]+(\.[0-9]+)?(h|ms|m|s))+)?$`)

// isSpan reports whether a text is a time or a range, in whole milliseconds up to an hour.
func isSpan(text string) bool {
	low, high, ranged := strings.Cut(text, "..")
	if !ranged {
		high = low
	}
	from, err := time.ParseDuration(low)
	to, err2 := time.ParseDuration(high)
	return spanForm.MatchString(text) && err == nil && err2 == nil && from <= to && to <= time.Hour &&
		from%time.Millisecond == 0 && to%time.Millisecond == 0
}

// Values lists what a user may write, the default first.
func (r Row) Values() []string {
	all := append([]string{r.Default}, r.Others...)
	if r.AnyText {
		all = append(all, "any text")
	}
	if r.AnySpan {
		all = append(all, "any time or range up to 1h")
	}
	if r.Skew > 0 {
		all = append(all, fmt.Sprintf("a time such as 2m or -30s, at most %.0fh", r.Skew.Hours()))
	}
	return all
}

// Over lays the choices of top over s: where top has no choice of its own, s holds.
func (s Set) Over(top Set) Set {
	for n, v := range top.values {
		if v != "" {
			s.values[n] = v
		}
	}
	return s
}

// String lists the choices that were made, as name=value, separated by commas.
func (s Set) String() string {
	var parts []string
	for n, v := range s.values {
		if v != "" {
			parts = append(parts, rows[n].Name+"="+v)
		}
	}
	return strings.Join(parts, ",")
}
