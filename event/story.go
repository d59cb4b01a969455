package event

// story is what the documentation says of one kind of event: the words of its schemas.
type story struct {
	indicates string // completes "This type of event indicates that ..."
	moment    string // completes "... representing the moment ...", of data.timestamp
	which     string // completes "the channel ..."
}

var stories = [...]story{
	Alerted: {
		"a channel has moved into an alerting phase",
		"the channel began alerting", "that began alerting",
	},
	Connected: {
		"a channel has successfully connected",
		"the channel connected; the preceding alerting phase ends at exactly the same moment", "that connected",
	},
	ConnectionFailed: {
		"a channel has failed to connect: the party rejected it, was busy or did not answer",
		"the channel failed to connect", "that failed to connect",
	},
	Held: {
		"a channel has been put on hold",
		"the channel was put on hold", "that was put on hold",
	},
	Retrieved: {
		"a channel has been retrieved from a held state",
		"the channel was retrieved from hold", "that was retrieved from hold",
	},
	Parked: {
		"a channel has been parked",
		"the channel was parked", "that was parked",
	},
	Unparked: {
		"a channel has been unparked from a parked state",
		"the channel was unparked", "that was unparked",
	},
	Interrupted: {
		"a channel has been interrupted by a more important interaction",
		"the channel was interrupted", "that was interrupted",
	},
	Resumed: {
		"an interrupted channel has been resumed",
		"the interrupted channel was resumed", "that was resumed",
	},
	Disconnected: {
		"a channel has disconnected",
		"the channel disconnected", "that disconnected",
	},
	WrapStarted: {
		"a channel has moved into a wrap phase",
		"the channel's wrap phase started", "whose wrap phase started",
	},
	Ended: {
		"a channel has ended; no other event of the channel follows",
		"the channel ended", "that ended",
	},
	PresenceChanged: {
		"an agent's presence has changed",
		"the presence changed, which ends the previous presence", "",
	},
}

// Description says in one sentence what a notification of the type means, in the words of
// the public documentation. It is empty if t is not one of Types.
func (t Type) Description() string {
	if !t.known() {
		return ""
	}
	return "This type of event indicates that " + stories[t.Kind].indicates + "."
}

// momentOf is the description of a type's data.timestamp.
func (t Type) momentOf() string {
	return "An ISO 8601 UTC datetime representing the moment " + stories[t.Kind].moment +
		". This is not the timestamp of when a notification related to this event was sent."
}

// timeOf is the description of a type's time.
func (t Type) timeOf() string {
	if t.Version == V0 {
		return "An ISO 8601 UTC datetime representing the moment the notification was sent."
	}
	return "An ISO 8601 UTC datetime representing the moment the event occurred, which is the moment of data.timestamp."
}
