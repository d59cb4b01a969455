package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// smallest is a state whose WAL is put into the file again and again.
var smallest = store.Options{KeepMost: 1 << 20}

// cutShort is a copy of a state as it would be if its process was killed now.
func cutShort(t *testing.T, from string) (path string) {
	t.Helper()
	path = filepath.Join(folder(t), "f")
	for _, end := range []string{"", "-wal", "-shm"} {
		if text, err := os.ReadFile(from + end); err == nil {
			must(t, os.WriteFile(path+end, text, 0o600))
		}
	}
	return path
}

// counted sets "n" to each number from one to another in a transaction of its own.
func counted(t *testing.T, s *store.Store, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		must(t, s.Set(t.Context(), "n", strconv.Itoa(n)))
	}
}

// holds requires that a state opens and has counted so far, and closes it.
func holds(t *testing.T, path string, n int) {
	t.Helper()
	s, err := store.Open(path, smallest)
	if err != nil {
		t.Fatalf("with %d: %v", n, err)
	}
	got, err := s.Setting(t.Context(), "n")
	must(t, err)
	if got != strconv.Itoa(n) {
		t.Fatalf("it has counted to %s, want %d", got, n)
	}
	whole(t, s)
	must(t, s.Close())
}

// refusesWAL requires that a state is refused for its WAL, and left as it is.
func refusesWAL(t *testing.T, path, want string) {
	t.Helper()
	before := contents(path)
	s, err := store.Open(path, smallest)
	if err == nil {
		n, _ := s.Setting(t.Context(), "n")
		_ = s.Close()
		t.Fatalf("it was opened, and has counted to %s", n)
	}
	if trouble := troubleOf(t, err); trouble.Kind != store.Damaged || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %q", err, want)
	}
	if after := contents(path); !bytes.Equal(after[0], before[0]) || !bytes.Equal(after[1], before[1]) {
		t.Fatal("the file or its WAL was changed")
	}
}

// What the file ending in -shm knows of the WAL is missed, where SQLite would say nothing.
func TestAWALWithoutItsEndIsRefused(t *testing.T) {
	from := used(t)
	s := open(t, from, store.Options{})
	counted(t, s, 1, 6)
	sound := cutShort(t, from)
	must(t, s.Close())
	wal := contents(sound)[1]
	for name, damage := range map[string]func(wal []byte) []byte{
		"cut at a frame":    func(wal []byte) []byte { return wal[:len(wal)-walFrame] },
		"cut in a frame":    func(wal []byte) []byte { return wal[:len(wal)-100] },
		"cut to its header": func(wal []byte) []byte { return wal[:walHead] },
		"cut to nothing":    func([]byte) []byte { return nil },
		"zeros at its end":  func(wal []byte) []byte { return append(wal[:len(wal)-3*walFrame], make([]byte, 3*walFrame)...) },
		"zeros alone":       func(wal []byte) []byte { return make([]byte, len(wal)) },
		"a bit of the last": func(wal []byte) []byte { wal[len(wal)-1] ^= 1; return wal },
	} {
		t.Run(name, func(t *testing.T) {
			path := cutShort(t, sound)
			must(t, os.WriteFile(path+"-wal", damage(bytes.Clone(wal)), 0o600))
			refusesWAL(t, path, "the file ending in -wal, which has the last changes, ")
			without := cutShort(t, path) // what it says: to go on without them
			must(t, os.WriteFile(without+"-wal", nil, 0o600))
			must(t, os.Remove(without+"-shm"))
			s := open(t, without, store.Options{})
			counted(t, s, 1, 1)
			again := cutShort(t, without)
			must(t, s.Close())
			holds(t, again, 1)
			must(t, os.WriteFile(path+"-wal", wal, 0o600)) // or to put a copy in its place
			holds(t, path, 6)
		})
	}
}

// A WAL is never put into a file that it does not belong to.
func TestAWALOfAnotherTimeIsRefused(t *testing.T) {
	long := strings.Repeat("#", 20_000)
	first := filepath.Join(folder(t), "f")
	s, err := store.Open(first, smallest)
	must(t, err)
	counted(t, s, 1, 3)
	early := cutShort(t, first)
	must(t, s.Close())
	closed := cutShort(t, first)
	s, err = store.Open(first, smallest)
	must(t, err)
	counted(t, s, 4, 5)
	second := cutShort(t, first)
	for range 12 { // the WAL is put into the file in between
		must(t, s.SaveScenario(t.Context(), "long", long))
		counted(t, s, 6, 8)
	}
	late := cutShort(t, first)
	must(t, s.Close())
	s, err = store.Open(first, smallest)
	must(t, err)
	counted(t, s, 8, 8)
	single := cutShort(t, first)
	var anew [3]string
	for i := range anew {
		for range i + 1 {
			must(t, s.SaveScenario(t.Context(), "long", strings.Repeat("#", 90_000))) // larger than the WAL, which begins anew with what follows
		}
		must(t, s.SaveScenario(t.Context(), "small", "#"))
		anew[i] = cutShort(t, first)
	}
	must(t, s.Close())
	counted8 := cutShort(t, first)
	other := filepath.Join(folder(t), "f")
	s, err = store.Open(other, smallest)
	must(t, err)
	counted(t, s, 100, 103)
	foreign := cutShort(t, other)
	must(t, s.Close())
	s, err = store.Open(other, smallest)
	must(t, err)
	counted(t, s, 104, 104)
	alone := cutShort(t, other)
	must(t, s.Close())

	for _, test := range []struct {
		name      string
		file, wal string
		opens     int // to have counted to so much; 0: it is refused
	}{
		{"its own, early", early, early, 3},
		{"its own, second", second, second, 5},
		{"its own, late", late, late, 8},
		{"its own, of one change", single, single, 8},
		{"of another state", second, foreign, 0},
		{"of another state, of one change", second, alone, 0},
		{"of another state, of one change, beside one that was closed", counted8, alone, 0},
		{"its own, of one change within a session", anew[1], anew[1], 8},
		{"of one change within a session, beside a file from before it", counted8, anew[0], 0},
		{"of another change within a session, beside a file from before it", counted8, anew[1], 0},
		{"of a third change within a session, beside a file from before it", counted8, anew[2], 0},
		{"of a later session, of one change", early, single, 0},
		{"of a later session, of one change, beside one that was closed", closed, single, 0},
		{"of another state, beside one that was closed", counted8, foreign, 0},
		{"of the time before a closed file", closed, early, 0},
		{"of a later time, beside a closed file", closed, late, 0},
		{"of the next session, beside a closed file", closed, second, 0}, // which has put its mark into the file before
		{"of an earlier time of the same session", late, second, 0},
		{"of a later time of the same session", second, late, 0},
		{"of an earlier session", late, early, 0},
		{"of a later session", early, late, 0},
	} {
		for _, index := range []string{"", "of the WAL", "of the file"} {
			t.Run(fmt.Sprintf("%s, index %s", test.name, index), func(t *testing.T) {
				path := filepath.Join(folder(t), "f")
				copied(t, test.file, path, "")
				copied(t, test.wal, path, "-wal")
				switch index {
				case "of the WAL":
					copied(t, test.wal, path, "-shm")
				case "of the file":
					if _, err := os.Stat(test.file + "-shm"); err != nil || test.file != test.wal && test.opens > 0 {
						t.Skip("it has none, or one that nothing would leave")
					}
					copied(t, test.file, path, "-shm")
				}
				if test.opens > 0 {
					holds(t, path, test.opens)
					return
				}
				want := "the file ending in -wal beside it "
				if strings.Contains(test.name, "change within a session,") { // the mark tells, and not what became of pages
					want += "belongs to"
				}
				refusesWAL(t, path, want)
				if _, err := os.Stat(test.file + "-wal"); err == nil { // what it says: to put its own in its place
					copied(t, test.file, path, "-wal")
					_ = os.Remove(path + "-shm")
					must(t, open(t, path, smallest).Close())
				}
			})
		}
	}
}

// A state that is refused for its WAL is refused again, and taken with the right one, though SQLite has read it in between; also where there was no
// index, of which none is left.
func TestARefusedWALCanBePutBack(t *testing.T) {
	from := used(t)
	s := open(t, from, store.Options{})
	counted(t, s, 1, 4)
	sound := cutShort(t, from)
	must(t, s.Close())
	for _, index := range []bool{true, false} {
		path := cutShort(t, sound)
		if !index {
			must(t, os.Remove(path+"-shm"))
		}
		copied(t, changed(t, 3), path, "-wal")
		refusesWAL(t, path, "belongs to another state")
		refusesWAL(t, path, "belongs to another state")
		if _, err := os.Stat(path + "-shm"); (err == nil) != index {
			t.Errorf("index %v: then %v", index, err)
		}
		copied(t, sound, path, "-wal")
		holds(t, path, 4)
	}
}

// A refusal leaves alone what another program uses, that has the state open.
func TestARefusalDisturbsNoOtherProgram(t *testing.T) {
	path := cutShort(t, used(t))
	copied(t, changed(t, 3), path, "-wal")
	tool := otherProgram(t, path)
	tool.begin(t)
	before, err := os.ReadFile(path + "-shm")
	must(t, err)
	_, err = store.Open(path, store.Options{})
	if troubleOf(t, err).Kind != store.Damaged {
		t.Errorf("got %v", err)
	}
	after, err := os.ReadFile(path + "-shm")
	must(t, err)
	if !bytes.Equal(before[:96], after[:96]) {
		t.Error("the index that it uses was changed")
	}
	var n int
	must(t, tool.conn.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema").Scan(&n))
	tool.close(t)
}

// A copy that SQLite made with VACUUM INTO needs no WAL, and goes on; one that is beside it belongs to what it was made of.
func TestACopyWithoutAWALGoesOn(t *testing.T) {
	from := used(t)
	s := open(t, from, store.Options{})
	counted(t, s, 1, 2)
	left := cutShort(t, from)
	must(t, s.Close())
	path := filepath.Join(folder(t), "f")
	copied(t, left, path+"-of", "", "-wal")
	altered(t, path+"-of", "VACUUM INTO '"+path+"'")
	copied(t, left, path, "-wal")
	refusesWAL(t, path, "this one is a copy without any")
	must(t, os.Remove(path+"-wal"))
	holds(t, path, 2)
}

// What happens to the WAL while it is open is told, and nothing of it gets into the file: what was there can be put back.
func TestAWALThatIsDamagedWhileItIsOpen(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, wal string, size int64)
		looked bool // a look tells; else the end does
	}{
		{"cut at a frame", func(t *testing.T, wal string, size int64) { cut(t, wal, size-walFrame) }, true},
		{"cut to nothing", func(t *testing.T, wal string, _ int64) { cut(t, wal, 0) }, true},
		{"zeros for its header", func(t *testing.T, wal string, _ int64) { patched(t, wal, 0, make([]byte, walHead)) }, true},
		{"zeros at its end", func(t *testing.T, wal string, size int64) { patched(t, wal, size-walFrame, make([]byte, walFrame)) }, true},
		{"a bit in the middle", func(t *testing.T, wal string, _ int64) { patched(t, wal, walHead+2*walFrame+500, []byte{0x99}) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := used(t)
			s := open(t, path, store.Options{})
			counted(t, s, 1, 5)
			sound := cutShort(t, path)
			test.damage(t, path+"-wal", int64(len(contents(path)[1])))
			before := contents(path)
			s.Look(t.Context())
			const want = "was cut off or overwritten while it was open"
			if now := s.Trouble(); (now != nil) != test.looked || now != nil && (now.Kind != store.Damaged || !strings.Contains(now.Error(), want)) {
				t.Errorf("a look finds %v", now)
			}
			if err := s.Close(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the end says %v", err)
			}
			if after := contents(path); !bytes.Equal(after[0], before[0]) || !bytes.Equal(after[1], before[1]) {
				t.Error("the file or its WAL was changed")
			}
			refusesWAL(t, path, "the file ending in -wal")
			copied(t, sound, path, "-wal")
			holds(t, path, 5)
		})
	}
}

// A part of a state that is a link, or is left alone, is no state.
func TestPartsThatBelongToNothing(t *testing.T) {
	path := crashed(t)
	away(t, path, "", "-wal")
	refusesWAL(t, path, "f is missing or empty, and the file ending in -shm beside it is of a state that has changes")

	path = crashed(t)
	must(t, os.Rename(path+"-wal", path+"-elsewhere"))
	must(t, os.Symlink(path+"-elsewhere", path+"-wal"))
	if _, err := store.Open(path, store.Options{}); troubleOf(t, err).Kind != store.Foreign || !strings.Contains(err.Error(), "f-wal beside it is not a file but a symbolic link") {
		t.Errorf("a link: %v", err)
	}
}
