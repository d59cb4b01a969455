package event

// kind is a row of the table of kinds: the name of one without the version, what its bodies
// have, and what the documentation says of it, in the words of its schemas.
type kind struct {
	name      string
	reason    occurrence
	indicates string // completes "This type of event indicates that ..."
	moment    string // completes "... representing the moment ...", of data.timestamp
	which     string // completes "the channel ..."
}

// occurrence is how regularly the events of a kind have a member.
type occurrence uint8

const (
	never     occurrence = iota
	sometimes            // by assumption disconnected-reason
	always
)

var kinds = [...]kind{
	Alerted: {"channel.alerted", never,
		"a channel has moved into an alerting phase", "the channel began alerting", "that began alerting"},
	Connected: {"channel.connected", never,
		"a channel has successfully connected", "the channel connected; the preceding alerting phase ends at exactly the same moment", "that connected"},
	ConnectionFailed: {"channel.connectionfailed", always,
		"a channel has failed to connect: the party rejected it, was busy or did not answer", "the channel failed to connect", "that failed to connect"},
	Held: {"channel.held", never,
		"a channel has been put on hold", "the channel was put on hold", "that was put on hold"},
	Retrieved: {"channel.retrieved", never,
		"a channel has been retrieved from a held state", "the channel was retrieved from hold", "that was retrieved from hold"},
	Parked: {"channel.parked", never,
		"a channel has been parked", "the channel was parked", "that was parked"},
	Unparked: {"channel.unparked", never,
		"a channel has been unparked from a parked state", "the channel was unparked", "that was unparked"},
	Interrupted: {"channel.interrupted", never,
		"a channel has been interrupted by a more important interaction", "the channel was interrupted", "that was interrupted"},
	Resumed: {"channel.resumed", never,
		"an interrupted channel has been resumed", "the interrupted channel was resumed", "that was resumed"},
	Disconnected: {"channel.disconnected", sometimes,
		"a channel has disconnected", "the channel disconnected", "that disconnected"},
	WrapStarted: {"channel.wrapstarted", never,
		"a channel has moved into a wrap phase", "the channel's wrap phase started", "whose wrap phase started"},
	Ended: {"channel.ended", always,
		"a channel has ended; no other event of the channel follows", "the channel ended", "that ended"},
	PresenceChanged: {"agent.presencechanged", never,
		"an agent's presence has changed", "the presence changed, which ends the previous presence", ""},
}

// Description says in one sentence what a notification of the type means, in the words of
// the public documentation. It is empty if t is not one of Types.
func (t Type) Description() string {
	if !t.known() {
		return ""
	}
	return "This type of event indicates that " + kinds[t.Kind].indicates + "."
}
