package store

// Each query lists rows below a number (the last argument but one), the largest first, at most
// so many (the last one). Where several parts of an index are wanted, the newest of each are
// taken and merged: so all are read from their ends, however long they are.
const (
	allNotifications = `SELECT number, type, 0, 0 FROM notification WHERE number < ?1 ORDER BY number DESC LIMIT ?2`

	notificationsOfConversation = `SELECT number, type, 0, 0 FROM notification
		WHERE conversation = ?1 AND conversation <> '' AND (?2 = '' OR run = ?2) AND number < ?3 ORDER BY number DESC LIMIT ?4`

	notificationsOfRun = `SELECT number, type, 0, 0 FROM notification WHERE run = ?1 AND run <> '' AND number < ?2 ORDER BY number DESC LIMIT ?3`

	notificationsOfTypes = `SELECT n.number, n.type, 0, 0 FROM json_each(?1) y CROSS JOIN notification n
		WHERE n.number IN (SELECT number FROM notification WHERE type = y.value AND number < ?2 ORDER BY number DESC LIMIT ?3)
		ORDER BY n.number DESC LIMIT ?3`

	allDeliveries = `SELECT number, type, subscription, state FROM delivery WHERE number < ?1 ORDER BY number DESC LIMIT ?2`

	deliveriesOfNotification = `SELECT d.number, d.type, d.subscription, d.state FROM notification n CROSS JOIN delivery d ON d.notification = n.number
		WHERE n.number = ?1 AND (?2 = '' OR n.conversation = ?2) AND (?3 = '' OR n.run = ?3) AND d.number < ?4 ORDER BY d.number DESC LIMIT ?5`

	// A conversation is short, so its deliveries can be sorted.
	deliveriesOfConversation = `SELECT d.number, d.type, d.subscription, d.state FROM notification n CROSS JOIN delivery d ON d.notification = n.number
		WHERE n.conversation = ?1 AND n.conversation <> '' AND (?2 = '' OR n.run = ?2) AND d.number < ?3 ORDER BY d.number DESC LIMIT ?4`

	// A run is not, so its deliveries are looked for among all; others have no type here.
	deliveriesOfRun = `SELECT d.number, CASE WHEN n.run = ?1 THEN d.type ELSE 0 END, d.subscription, d.state
		FROM delivery d CROSS JOIN notification n ON n.number = d.notification
		WHERE d.number < ?2 ORDER BY d.number DESC LIMIT ?3`

	deliveriesOfTypes = `SELECT d.number, d.type, d.subscription, d.state FROM json_each(?1) y CROSS JOIN delivery d
		WHERE d.number IN (SELECT number FROM delivery WHERE type = y.value AND number < ?2 ORDER BY number DESC LIMIT ?3)
		ORDER BY d.number DESC LIMIT ?3`

	deliveriesOfStates = `SELECT d.number, d.type, d.subscription, d.state FROM json_each(?1) k CROSS JOIN json_each(?2) s CROSS JOIN delivery d
		WHERE d.number IN (SELECT number FROM delivery WHERE subscription = k.value AND state = s.value AND number < ?3 ORDER BY number DESC LIMIT ?4)
		ORDER BY d.number DESC LIMIT ?4`
)

// ask sets the query and its first arguments.
func (p *search) ask(query string, args ...any) { p.query, p.args = query, args }

// ofNotifications chooses the query, and drops the conditions that it answers.
func (p *search) ofNotifications() {
	switch {
	case p.Conversation != "":
		p.ask(notificationsOfConversation, p.Conversation, p.Run)
	case p.Run != "":
		p.ask(notificationsOfRun, p.Run)
	case len(p.types) > 0:
		p.ask(notificationsOfTypes, list(p.types))
		p.types = nil
	default:
		p.ask(allNotifications)
	}
}

// ofDeliveries chooses the query, and drops the conditions that it answers. All are the
// subscribers that there ever were.
func (p *search) ofDeliveries(all map[int64]string) {
	const fewTypes = 4 // of many, nearly every row has one
	switch {
	case p.Notification != 0:
		p.ask(deliveriesOfNotification, p.Notification, p.Conversation, p.Run)
	case p.Conversation != "":
		p.ask(deliveriesOfConversation, p.Conversation, p.Run)
	case p.Run != "":
		p.ask(deliveriesOfRun, p.Run)
		p.typed = true
	case len(p.subscribers) > 0:
		every := []int64{0, 1, 2, 3}
		if len(p.states) > 0 {
			every = p.states
		}
		p.ask(deliveriesOfStates, list(p.subscribers), list(every))
		p.subscribers, p.states = nil, nil
	case len(p.types) > 0 && (len(p.types) <= fewTypes || len(p.states) == 0):
		p.ask(deliveriesOfTypes, list(p.types))
		p.types = nil
	case len(p.states) > 0 && len(p.types) == 0:
		var keys []int64
		for key := range all {
			keys = append(keys, key)
		}
		p.ask(deliveriesOfStates, list(keys), list(p.states))
		p.states = nil
	default:
		p.ask(allDeliveries)
	}
}
