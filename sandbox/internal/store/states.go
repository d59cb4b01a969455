package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// DeliveryState is the state of a delivery.
type DeliveryState string

// The states of a delivery. All but Waiting last.
const (
	Waiting          DeliveryState = "waiting"           // for its first attempt, or for another one
	Delivered        DeliveryState = "delivered"         // accepted by the consumer, as it should
	Failed           DeliveryState = "failed"            // not accepted in all its attempts, or refused
	Cancelled        DeliveryState = "cancelled"         // its subscription was deleted
	CorrectlyRefused DeliveryState = "correctly-refused" // refused, as a correct consumer refuses its fault
	WronglyAccepted  DeliveryState = "wrongly-accepted"  // accepted, though a correct consumer refuses its fault
	Dropped          DeliveryState = "dropped"           // by its fault: it happened, and was never sent
)

// States lists all states, as they are counted.
func States() []DeliveryState { return slices.Clone(states[:]) }

// states are the numbers of the states in the file.
var states = [...]DeliveryState{Waiting, Delivered, Failed, Cancelled, CorrectlyRefused, WronglyAccepted, Dropped}

func stateNumber(state DeliveryState) (int64, error) {
	return numberOf(states[:], state, "state of a delivery")
}

// stateColumn is a DeliveryState in a column.
type stateColumn struct{ *DeliveryState }

// Scan implements sql.Scanner.
func (s stateColumn) Scan(from any) error {
	state, err := numbered(states[:], from, "state of a delivery")
	*s.DeliveryState = state
	return err
}

// Outcome is what the response to an attempt meant.
type Outcome string

// The outcomes of attempts.
const (
	OutcomeAccepted         Outcome = "accepted" // as it should be
	OutcomeFailed           Outcome = "failed"   // another attempt follows, if the schedule has one
	OutcomeCorrectlyRefused Outcome = "correctly-refused"
	OutcomeWronglyAccepted  Outcome = "wrongly-accepted"
	OutcomeStale            Outcome = "stale" // it met a connection that had ended; the attempt followed at once
)

// Failures of what a fault kept from the consumer: a delivery that is Dropped, and an attempt that was lost on the way.
const (
	DroppedOnPurpose = "dropped on purpose"
	LostOnPurpose    = "lost on purpose"
)

// outcomes are the numbers of the outcomes in the file.
var outcomes = [...]Outcome{"", OutcomeAccepted, OutcomeFailed, OutcomeCorrectlyRefused, OutcomeWronglyAccepted, OutcomeStale}

func outcomeNumber(o Outcome) (int64, error) {
	return numberOf(outcomes[:], o, "outcome of an attempt")
}

// What failures of version 4 begin with that were none, and one that was.
const (
	refusedBefore  = "refused with "
	acceptedBefore = "wrongly-accepted: "
)

// outcomeColumn is an Outcome in a column behind those of the status and the failure: of what an earlier version kept, they tell it.
type outcomeColumn struct {
	*Outcome
	status  *int
	failure *string
}

// Scan implements sql.Scanner.
func (o outcomeColumn) Scan(from any) error {
	outcome, err := numbered(outcomes[:], from, "outcome of an attempt")
	switch *o.Outcome = outcome; {
	case outcome != "" || *o.status == 0 && (*o.failure == "" || *o.failure == DroppedOnPurpose): // the latter had no attempt
	case strings.HasPrefix(*o.failure, refusedBefore):
		*o.Outcome = OutcomeCorrectlyRefused
	case strings.HasPrefix(*o.failure, acceptedBefore):
		*o.Outcome = OutcomeWronglyAccepted
	case *o.failure != "":
		*o.Outcome = OutcomeFailed
	default:
		*o.Outcome = OutcomeAccepted
	}
	return err
}

// Retried reports whether a delivery waits for another attempt because its consumer did not accept the last one. An attempt that a fault
// lost on the way is no failure of the consumer, and neither is one that a fault, cut, cut off, or one that it was right to refuse.
func (d *Delivery) Retried(cut string) bool {
	return d.State == Waiting && d.Attempts > 0 && d.Failure != "" && d.Failure != LostOnPurpose && d.Fault != cut
}

// A delivery of a pack that waits had no attempt yet, so rows are all there is to count.
const countRetried = `SELECT k.id, count(*) FROM delivery d CROSS JOIN subscriber k ON k.key = d.subscription
	WHERE d.state = 0 AND d.attempts > 0 AND d.failure NOT IN ('', ?) AND d.fault <> ? GROUP BY k.id`

// retried is how many deliveries to a subscription are Retried.
type retried struct {
	subscription string
	count        int
}

func (r *retried) fields() []any { return []any{&r.subscription, &r.count} }

// Retried counts the deliveries that are Retried, by subscription.
func (s *Store) Retried(ctx context.Context, cut string) (map[string]int, error) {
	rows, err := list(ctx, s, "count what is retried", (*retried).fields, countRetried, LostOnPurpose, cut)
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.subscription] = r.count
	}
	return counts, err
}

func numberOf[T ~string](all []T, one T, what string) (int64, error) {
	i := slices.Index(all, one)
	if i < 0 {
		return 0, fmt.Errorf("there is no %s %q", what, one)
	}
	return int64(i), nil
}

func numbered[T ~string](all []T, from any, what string) (one T, err error) {
	n, ok := from.(int64)
	if !ok || n < 0 || n >= int64(len(all)) {
		return one, fmt.Errorf("%v is no %s", from, what)
	}
	return all[n], nil
}
