package rows

import (
	"context"
	"slices"

	"github.com/ringback/ringback/internal/rulebook"
)

// Row is one consumer.
type Row struct {
	Name   string
	About  string      // what is wrong with it
	Breaks rulebook.ID // the rule; empty for none
	change func(*steps)
}

// All lists the consumers. The first makes no mistake.
func All() []Row {
	return slices.Concat([]Row{{Name: "correct", About: "makes no mistake"}},
		answering(), reading(), enduring(), trusting(), hashing(), identifying(), mixing(), ordering(), measuring(), naming(), figuring(),
		racing(), crashing())
}

// atomically lets statements and other work of a mistake happen in one transaction, after the mark.
func atomically(work func(context.Context, *process, runner, note) error) func(context.Context, *process, note) int {
	return func(ctx context.Context, p *process, n note) int {
		tx, err := p.db.BeginTx(ctx, nil)
		if err != nil {
			return failed(err)
		}
		defer func() { _ = tx.Rollback() }() // after Commit it does nothing
		fresh, err := p.isNew(ctx, tx, n)
		if err == nil && fresh {
			err = work(ctx, p, tx, n)
		}
		if err == nil {
			err = tx.Commit()
		}
		return failed(err)
	}
}
