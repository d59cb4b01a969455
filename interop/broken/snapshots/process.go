package snapshots

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// lock is a mutex; a bubble of testing/synctest sees who waits for it.
type lock chan struct{}

func (l lock) take()  { l <- struct{}{} }
func (l lock) leave() { <-l }

// table holds snapshots and the keys that were seen. Each of its methods is one step: nothing comes
// between, and nothing more is promised.
type table struct {
	mu    sync.Mutex
	rows  map[place]*snapshot
	calls map[string][]place // as they became known
	seen  map[string]time.Time
}

func newTable() *table {
	return &table{rows: map[place]*snapshot{}, calls: map[string][]place{}, seen: map[string]time.Time{}}
}

// load returns a copy, which is new if there is none.
func (t *table) load(p place) *snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.rows[p]; s != nil {
		return s.clone()
	}
	return &snapshot{place: p, spent: map[string]time.Duration{}}
}

func (t *table) has(p place) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rows[p] != nil
}

func (t *table) knows(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, seen := t.seen[key]
	return seen
}

// write saves a snapshot, a key, or both.
func (t *table) write(key string, s *snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.put(key, s)
}

func (t *table) put(key string, s *snapshot) {
	if key != "" {
		t.seen[key] = time.Now()
	}
	if s == nil {
		return
	}
	if t.rows[s.place] == nil {
		t.calls[s.conversation] = append(t.calls[s.conversation], s.place)
	}
	t.rows[s.place] = s.clone()
}

func (t *table) conversation(id string) (all []*snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.calls[id] {
		all = append(all, t.rows[p].clone())
	}
	return all
}

func (t *table) copied() *table {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &table{rows: maps.Clone(t.rows), calls: map[string][]place{}, seen: maps.Clone(t.seen)}
	for id, places := range t.calls {
		c.calls[id] = slices.Clone(places)
	}
	return c
}

// process is the consumer from one start to the next crash: what it has in memory, and the disk.
type process struct {
	*table
	disk *table
	lock lock
	dead atomic.Bool
	gone chan struct{} // closed when it is killed
}

// started reads what is on the disk.
func started(disk *table) *process {
	return &process{table: disk.copied(), disk: disk, lock: make(lock, 1), gone: make(chan struct{})}
}

// commit writes a key and a snapshot to memory and disk, and reports whether it did. A process that was killed writes nothing.
func (p *process) commit(key string, s *snapshot) bool {
	p.write(key, s)
	return p.persist(key, s)
}

// persist writes to the disk. What a process that was killed had begun must not come behind what the
// next one has written.
func (p *process) persist(key string, s *snapshot) bool {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	if p.dead.Load() {
		return false
	}
	p.disk.put(key, s)
	return true
}

// kill ends the process, and reports whether it was alive.
func (p *process) kill() bool {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	return !p.dead.Swap(true)
}
