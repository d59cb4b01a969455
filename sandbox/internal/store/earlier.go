package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
)

// earlierStates is the setting that is there while deliveries may have the states of version 4.
const earlierStates = "earlier states"

const selectEarlier = "SELECT number FROM delivery WHERE number > ? AND state = ? AND failure LIKE ? ORDER BY number LIMIT ?"

// renameStates gives deliveries that version 4 kept the states that they would have now: what was correctly refused had failed, and what
// was wrongly accepted was delivered. It does so in parts, and where it is ended, the next Open goes on.
func (s *Store) renameStates(ctx context.Context) error {
	var mark string
	err := s.conn.QueryRowContext(ctx, "SELECT value FROM setting WHERE name = ?", earlierStates).Scan(&mark)
	if errors.Is(err, sql.ErrNoRows) || err == nil && mark == "" {
		return nil
	}
	if err != nil {
		return err
	}
	for _, change := range []struct {
		from, to DeliveryState
		failure  string
	}{{Failed, CorrectlyRefused, refusedBefore + "%"}, {Delivered, WronglyAccepted, acceptedBefore + "%"}, {Failed, Dropped, DroppedOnPurpose}} {
		if err := s.renameState(ctx, change.from, change.to, change.failure); err != nil {
			return err
		}
	}
	return s.Set(ctx, earlierStates, "")
}

func (s *Store) renameState(ctx context.Context, from, to DeliveryState, failure string) error {
	before, err := stateNumber(from)
	if err != nil {
		return err
	}
	after, err := stateNumber(to)
	if err != nil {
		return err
	}
	const atOnce = 1000
	for last := int64(0); ; {
		var numbers []int64
		err := s.write(ctx, "rename states", func(t *tx) (err error) {
			if numbers, err = allRows(t.ctx, t.conn, itself[int64], selectEarlier, last, before, failure, int64(atOnce)); err != nil || len(numbers) == 0 {
				return err
			}
			if err := t.exec("UPDATE delivery SET state = ? WHERE number IN (SELECT value FROM json_each(?))", after, array(numbers)); err != nil {
				return err
			}
			return cmp.Or(t.counts.move(before, after, int64(len(numbers))), t.staleAll(ofDeliveries, numbers))
		})
		if err != nil || len(numbers) < atOnce {
			return err
		}
		last = numbers[len(numbers)-1]
	}
}
