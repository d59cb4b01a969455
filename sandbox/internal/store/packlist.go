package store

import (
	"cmp"
	"context"
	"slices"
)

// Each query lists the packs whose first delivery is below a number (the last argument but one), the largest first, at most so
// many (the last one).
const (
	allPacks = "SELECT " + packColumns + " FROM pack p WHERE p.first < ?1 ORDER BY p.first DESC LIMIT ?2"

	openPacks = "SELECT " + packColumns + " FROM pack p WHERE p.waiting > 0 AND p.first < ?1 ORDER BY p.first DESC LIMIT ?2"

	packsOfNotification = "SELECT " + packColumns + ` FROM notification n CROSS JOIN pack p ON p.notification = n.number
		WHERE n.number = ?1 AND (?2 = '' OR n.conversation = ?2) AND (?3 = '' OR n.run = ?3) AND p.first < ?4 ORDER BY p.first DESC LIMIT ?5`

	packsOfConversation = "SELECT " + packColumns + ` FROM notification n CROSS JOIN pack p ON p.notification = n.number
		WHERE n.conversation = ?1 AND n.conversation <> '' AND (?2 = '' OR n.run = ?2) AND p.first < ?3 ORDER BY p.first DESC LIMIT ?4`

	packsOfRun = "SELECT " + packColumns + ` FROM notification n CROSS JOIN pack p ON p.notification = n.number
		WHERE n.run = ?1 AND n.run <> '' AND p.first < ?2 ORDER BY n.number DESC LIMIT ?3`

	packsOfTypes = "SELECT " + packColumns + ` FROM json_each(?1) y CROSS JOIN pack p
		WHERE p.first IN (SELECT first FROM pack WHERE type = y.value AND first < ?2 ORDER BY first DESC LIMIT ?3)
		ORDER BY p.first DESC LIMIT ?3`

	packsOfFans = "SELECT " + packColumns + ` FROM json_each(?1) y CROSS JOIN pack p
		WHERE p.first IN (SELECT first FROM pack WHERE fan = y.value AND first < ?2 ORDER BY first DESC LIMIT ?3)
		ORDER BY p.first DESC LIMIT ?3`
)

// ofPacks chooses the query for packs. It comes before that for rows, which drops conditions.
func (p *search) ofPacks(known *cached) {
	if len(p.states) == 1 && p.states[0] > packDelivered {
		return // those have rows
	}
	all := *p
	p.all, p.known = &all, known
	choose := func(query string, args ...any) { p.packs, p.packArgs = query, args }
	switch {
	case p.Notification != 0:
		choose(packsOfNotification, p.Notification, p.Conversation, p.Run)
	case p.Conversation != "":
		choose(packsOfConversation, p.Conversation, p.Run)
	case p.Run != "":
		choose(packsOfRun, p.Run)
	case len(p.types) > 0 && len(p.types) <= fewTypes:
		choose(packsOfTypes, array(p.types))
		p.sparse = len(p.subscribers) > 0
	case len(p.subscribers) > 0:
		choose(packsOfFans, array(known.fansWith(p.subscribers[0])))
		p.sparse = true
	case len(p.types) > 0:
		choose(packsOfTypes, array(p.types))
	case slices.Equal(p.states, []int64{packWaiting}):
		choose(openPacks)
	default:
		choose(allPacks)
	}
}

// lookAtPacks is look for deliveries without a row.
func (p *search) lookAtPacks(ctx context.Context, q querier, before int64, size int) (seen []candidate, low int64, err error) {
	if p.packs == "" {
		return nil, 0, nil
	}
	most := size/fewestPacked + 1
	if p.sparse {
		most = size
	}
	packs, err := allRows(ctx, q, (*pack).fields, p.packs, append(slices.Clone(p.packArgs), before, int64(most))...)
	for i := range packs {
		all := &packs[i]
		if len(seen) >= size {
			return seen, low, err
		}
		low = all.first
		list, err := p.known.subscribersOf(ctx, q, all.fan)
		if err != nil || len(list) != len(all.states) {
			return nil, 0, cmp.Or(err, error(errPack))
		}
		for at, state := range slices.Backward(all.states) {
			c := candidate{all.first + int64(at), all.kind, list[at], int64(state)}
			if state <= packDelivered && c.number < before && p.all.fits(c) {
				seen = append(seen, c)
			}
		}
	}
	if len(packs) < most {
		low = 0
	}
	return seen, low, err
}
