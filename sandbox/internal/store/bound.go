package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"modernc.org/sqlite"
)

// bounds are the limits in bytes that follow from Options.KeepMost, or from what the volume has space for.
type bounds struct {
	most   int64 // of the file and those beside it
	wal    int64 // of the WAL when it is copied into the file; a transaction should write as much at most
	file   int64 // of the file: SQLite refuses more
	accept int64 // of the load: beyond it nothing new is accepted; the rest is for what becomes of it
	tight  int64 // of the load: beyond it attempts are dropped, and what is done is deleted
	target int64 // of the load: until it is deleted
}

func boundsOf(most int64) bounds {
	b := bounds{most: most, wal: min(max(most/16, 64<<10), 16<<20)}
	index := b.wal/256 + 32<<10 // of a WAL twice as long: the file ending in -shm
	b.file = most - 2*b.wal - index
	b.accept, b.tight, b.target = b.file/16*15, b.file/16*14, b.file/16*12
	return b
}

// attemptSize is about what an attempt takes of the file, in bytes. A waiting delivery will have
// one more of them.
const attemptSize = 1200

// load is the bytes of the file that are in use, and those that waiting deliveries will need.
func (c *cached) load() int64 { return c.used + c.counts.states[0]*attemptSize }

// loaded is the load as it is now.
func (s *Store) loaded() int64 { return s.cache.Load().load() }

// isTight reports whether space is short: then only the first and the last attempts of a delivery
// are kept, and what is done is deleted early.
func (s *Store) isTight() bool { return s.loaded() > s.bounds.tight }

// Usage is how large the state is.
type Usage struct {
	Bytes    int64 // of the file and those beside it
	Most     int64 // Options.KeepMost, or less where the volume has no space for it
	Volume   int64 // bytes that the volume has for the state, which may be less than Most has at least; 0: more than Options.KeepMost
	Tight    bool  // what is done is deleted early
	Dropping bool  // attempts between the first and the last of a delivery were dropped a short time ago
}

// dropsFor is how long Usage tells that attempts were dropped.
const dropsFor = 10 * time.Minute

// Usage measures the files.
func (s *Store) Usage() Usage {
	u := Usage{Bytes: s.cache.Load().pages, Most: s.bounds.most, Volume: s.volume, Tight: s.isTight()}
	if at := s.dropped.Load(); at != 0 {
		u.Dropping = time.Since(time.Unix(0, at)) < dropsFor
	}
	if s.path != "" {
		u.Bytes = s.size()
	}
	return u
}

// Batch is how many bytes a transaction should write at most, so that Options.KeepMost holds for
// the WAL, too. A row in an index may take a page of 4 KiB of it.
func (s *Store) Batch() int64 { return s.bounds.wal }

// ErrTooLarge means that something needs more space than the state may have.
var ErrTooLarge = errors.New("it needs more space than the state may have: ask for less at once, delete subscriptions, each of which gets deliveries of its own, or start the sandbox with a higher limit")

// grow says that the transaction makes the file larger, and not only for what it has already.
// It fails while nothing is accepted.
func (t *tx) grow() error {
	t.grows = true
	if now := t.Trouble(); now != nil && now.Kind == OverLimit {
		return now
	}
	return nil
}

// fits measures the file as it would be after the transaction. It fails if nothing more should
// be accepted.
func (t *tx) fits(before *cached) error {
	if err := t.measure(t.ctx, t.conn); err != nil {
		return err
	}
	switch need := t.load() - before.load(); {
	case !t.grows || t.load() <= t.bounds.accept:
		return nil
	case need > t.bounds.accept/2:
		return fmt.Errorf("%w (%d bytes; it may have %s)", ErrTooLarge, need, t.mostText())
	default:
		return t.overLimit(need)
	}
}

// full is an error of a change. SQLite has one word for a full disk, which it finds when it writes
// at the end, and for a file that is not to grow, which it finds before.
func (t *tx) full(err error, before *cached) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	switch {
	case !ok || e.Code()&0xff != sqliteFull:
		return err
	case !t.grows:
		return t.overLimit(0)
	case before.load() < t.bounds.accept/2:
		return fmt.Errorf("%w (than %s)", ErrTooLarge, t.mostText())
	}
	return t.overLimit(t.bounds.accept / 2) // or less, which nobody knows
}

// measure reads how much of the file is in use.
func (c *cached) measure(ctx context.Context, from querier) error {
	return oneOf(ctx, from, []any{&c.used, &c.pages}, "SELECT (page_count - freelist_count) * page_size, page_count * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size")
}

// overLimit is the trouble that the limit is reached by a transaction that needs so many bytes of
// new space; 0: it is about what the file has already.
func (s *Store) overLimit(need int64) *Trouble {
	t := &Trouble{Kind: OverLimit, need: need, volume: s.volume > 0}
	var kept int64
	err := oneOf(context.Background(), s.conn, []any{&kept}, `SELECT (SELECT coalesce(sum(length(name) + length(source)), 0) FROM scenario) +
		(SELECT coalesce(sum(length(name) + length(url) + length(events) + length(secret)), 0) FROM subscription)`)
	if err == nil && kept > s.bounds.accept/2 {
		t.kept = kept
	}
	return s.present(t)
}

// present is a trouble with the number of deliveries that wait now.
func (s *Store) present(t *Trouble) *Trouble {
	if t == nil || t.Kind != OverLimit {
		return t
	}
	now := *t
	now.Cause = fmt.Sprintf("%s, with %d waiting deliveries", s.mostText(), s.cache.Load().counts.states[0])
	if t.kept > 0 {
		now.Cause += fmt.Sprintf(", and scenarios and subscriptions of %d bytes", t.kept)
	}
	return &now
}

// checkLimit begins the trouble where a state is opened that has reached the limit already, such as with a lower one: what is done
// may be deleted then, and if that is enough, the trouble is over.
func (s *Store) checkLimit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil && s.loaded() > s.bounds.accept {
		s.begin(s.overLimit(0))
	}
}

// committed copies the WAL into the file if readers have kept SQLite from it for long, and says
// what there is to do.
func (s *Store) committed(ctx context.Context) {
	if s.path != "" && sizeOf(s.path+"-wal") > 2*s.bounds.wal {
		// It waits for readers, but not for long; else it is done after the next transaction.
		_, _ = s.conn.ExecContext(ctx, "PRAGMA busy_timeout(100); PRAGMA wal_checkpoint(TRUNCATE); PRAGMA "+waitForLocks)
	}
	now := s.trouble.Load()
	if s.isTight() || now != nil && now.Kind == OverLimit {
		s.wake()
	}
	s.seen(true)
}

// limit bounds the size of the file, or as it is now if it is larger already.
func (s *Store) limit(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return errClosed
	}
	const pageSize = 4096 // that of SQLite, which no version of the store has changed
	_, err := s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", s.bounds.file/pageSize))
	return err
}

// Recover tries whether the trouble is over, and forgets it then; else it returns the trouble.
// What is over the limit must have been deleted before, by Forget or otherwise.
func (s *Store) Recover(ctx context.Context) error {
	t := s.trouble.Load()
	switch {
	case t == nil:
		return nil
	case t.Lasts():
		return t
	case t.Kind == OverLimit:
		_ = s.markOpen(ctx) // for which there may be space all the same
		if !s.mayRetry(t.need) {
			return s.Trouble()
		}
	default:
		err := s.probe(ctx)
		now := troubleOf(err)
		isLimit := now != nil && now.Records() // the file is not to grow
		switch {
		case t.Kind == DiskFull && (err == nil || isLimit) && !s.hasSpace(): // the next transaction would meet it again
			return t
		case isLimit: // which is all that is left of it
			s.trouble.CompareAndSwap(t, now)
			s.wake()
			return now
		case err != nil:
			return err
		}
	}
	if err := s.markOpen(ctx); err != nil { // the start could not
		return err
	}
	s.trouble.CompareAndSwap(t, nil)
	return nil
}

// enough is the load that leaves a good deal of space, and so many bytes.
func (s *Store) enough(need int64) int64 { return min(s.bounds.target, s.bounds.accept-need) }

// mayRetry reports whether what met the limit with so many bytes may be tried again, once MakeSpace has deleted what it may. While
// deliveries come to an end, that takes as much space as MakeSpace makes: with less, the limit would be met again at once. What
// nothing waits for is not waited for either: whatever still needs more gets ErrTooLarge.
func (s *Store) mayRetry(need int64) bool {
	now := s.cache.Load()
	switch load := now.load(); {
	case load <= s.enough(need):
		return true
	case s.inVain.Load() != now.ended:
		return false
	case now.counts.states[0] == 0:
		return load <= s.bounds.accept
	default:
		return load <= min(s.bounds.tight, s.bounds.accept-need)
	}
}

// tooLarge is an error of a change that was tried when all that may be deleted was, or what it becomes where nothing waits that could
// make space later: ErrTooLarge.
func (s *Store) tooLarge(err error) error {
	t := troubleOf(err)
	now := s.cache.Load()
	if t == nil || t.need == 0 || now.counts.states[0] > 0 || s.inVain.Load() != now.ended || s.isTight() {
		return err
	}
	return fmt.Errorf("%w (%d bytes; it may have %s, of which %d are in use)", ErrTooLarge, t.need, s.mostText(), now.load())
}

// probe writes a part of what the next transactions may need, and deletes it again.
func (s *Store) probe(ctx context.Context) error {
	const name = "probe"
	for _, text := range []string{string(make([]byte, min(s.bounds.wal/4, 256<<10))), ""} {
		if err := s.Set(ctx, name, text); err != nil {
			return err
		}
	}
	return nil
}

// sizeOf is the size of a file in bytes, -1 if it is not there.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}
