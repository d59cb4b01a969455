package event

// This file is the table that all schemas are made from: the members of a notification
// from the outside in, with what the documentation says of each.

func envelopeSchema(t Type) schema {
	source, subject := "/channel", guid("The subject of the event, which in this case is the channel. The value is the channel ID, which is a GUID.")
	if t.Kind.Agent() {
		source, subject = "/agent", filled("The subject of the event, which in this case is the agent. The value is the agent ID.")
	}
	moment := "the notification was sent."
	if t.Version == V1 {
		moment = "the event occurred, which is the moment of data.timestamp."
	}
	s := object(t.Description(),
		property{name: "specversion", schema: constant("1.0", "The version of the specification being used.")},
		property{name: "type", schema: constant(t.String(), "The type of event. This comprises three parts: the entity performing the event, a description of the event, and the version of the event.")},
		property{name: "id", schema: schema{
			Description: "When combined with the source, forms a unique identifier for the notification. The format is a ksuid.",
			Type:        "string", Pattern: ksuidPattern,
		}},
		property{name: "source", schema: constant(source, "The type of event source.")},
		property{name: "subject", schema: subject},
		property{name: "time", schema: stamp(moment)},
		property{name: "datacontenttype", schema: constant("application/json", "The content type used by the data property.")},
		property{name: "data", schema: dataSchema(t)},
	)
	s.Title = t.String() + " notification"
	return s
}

func dataSchema(t Type) schema {
	k := &kinds[t.Kind]
	members := []property{{name: "timestamp", schema: stamp(k.moment + ". This is not the timestamp of when a notification related to this event was sent.")}}
	if t.Kind.Agent() {
		members = append(members,
			property{name: "presence", schema: presenceSchema()},
			property{name: "user", schema: object("Provides some further information about the agent whose presence changed.",
				property{name: "agentId", schema: filled("The display ID of the agent.")},
				property{name: "userId", schema: guid("The ID for the user.")})})
	} else {
		members = append(members, property{name: "channel", schema: object("Provides some further information about the channel "+k.which+".",
			property{name: "conversationId", schema: guid("A unique identifier assigned to a conversation within VCC. The conversation ID is a GUID (Globally Unique Identifier).")},
			property{name: "interactionId", schema: guid("The unique identifier of the interaction that the channel is part of. It is a UUID.")},
			property{name: "channelId", schema: guid("The unique identifier of the channel " + k.which + ". It is a UUID.")},
			property{name: "party", schema: partySchema()})})
	}
	if k.reason != never {
		members = append(members, property{name: "reason", schema: filled("The reason for the event, such as released."), optional: k.reason == sometimes})
	}
	s := object(t.Description(), members...)
	s.Title = t.String()
	return s
}

// partySchema demands the identifiers of those roles that have them, and of the others
// that they be absent or null.
func partySchema() schema {
	var all, users []string
	for _, r := range Roles() {
		all = append(all, r.String())
		if r.HasUser() {
			users = append(users, r.String())
		}
	}
	agentID, userID := filled("The display ID for the party if they are an agent or monitor role."), guid("The ID for the user.")
	agentID.Type = []string{"string", "null"}
	userID.Type = agentID.Type

	s := object("Provides some further information about the party on the channel.",
		property{name: "role", schema: schema{Description: "The role of the party on the channel.", Type: "string", Enum: all}},
		property{name: "agentId", schema: agentID, optional: true},
		property{name: "userId", schema: userID, optional: true},
	)
	s.If = &schema{Properties: properties{{name: "role", schema: schema{Enum: users}}}, Required: []string{"role"}}
	identifiers := func(form string) properties {
		return properties{{name: "agentId", schema: schema{Type: form}}, {name: "userId", schema: schema{Type: form}}}
	}
	s.Then = &schema{Properties: identifiers("string"), Required: []string{"agentId", "userId"}}
	s.Else = &schema{Properties: identifiers("null")}
	return s
}

func presenceSchema() schema {
	return object("Provides some further information about the presence that started.",
		property{name: "presenceId", schema: guid("The unique identifier of the presence. It is a GUID.")},
		property{name: "category", schema: object("The category of the presence.",
			property{name: "type", schema: filled("The type of the category, such as ready.")},
			property{name: "description", schema: text("The description of the category, such as Ready.")},
			property{name: "subcategory", schema: text("The subcategory, such as readyOutbound.")},
		)},
		property{name: "description", schema: text("The description of the presence, such as Ready (Outbound).")},
	)
}
