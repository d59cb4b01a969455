package store_test

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// used is a file that a sandbox has worked with and closed.
func used(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(folder(t), "f")
	s := open(t, path, store.Options{})
	ctx := t.Context()
	subscribe(t, s, "a", "b")
	must(t, s.SaveRun(ctx, store.Run{ID: "going", State: store.RunGoing, Source: "name: story"}))
	var batch []store.Accepted
	for i := range 200 {
		batch = append(batch, accepted(i, "a", "b"))
	}
	deliveries, err := s.Accept(ctx, batch, store.Changes{Conversations: []store.Conversation{{ID: "c", Actions: []store.Action{{Step: "begin"}}}}})
	must(t, err)
	must(t, s.Record(ctx, []store.Attempt{{Delivery: 1, Try: 1}}, deliveries[:1]))
	must(t, s.Close())
	return path
}

// crashed is a file as a killed sandbox leaves it: with what ends in -wal and -shm.
func crashed(t *testing.T) (path string) {
	t.Helper()
	from := used(t)
	s := open(t, from, store.Options{})
	must(t, s.Set(t.Context(), "last", "change"))
	path = filepath.Join(folder(t), "f")
	for _, end := range []string{"", "-wal", "-shm"} {
		text, err := os.ReadFile(from + end)
		must(t, err)
		must(t, os.WriteFile(path+end, text, 0o600))
	}
	must(t, s.Close())
	return path
}

// withoutIndex is a file as a killed sandbox leaves it, without the one ending in -shm, which SQLite makes anew.
func withoutIndex(t *testing.T) (path string) {
	t.Helper()
	path = crashed(t)
	must(t, os.Remove(path+"-shm"))
	return path
}

// copied copies parts of a state.
func copied(t *testing.T, from, to string, ends ...string) {
	t.Helper()
	for _, end := range ends {
		text, err := os.ReadFile(from + end)
		must(t, err)
		must(t, os.WriteFile(to+end, text, 0o600))
	}
}

// patched overwrites bytes of a file.
func patched(t *testing.T, path string, offset int64, with []byte) string {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt(with, offset)
	must(t, errors.Join(err, f.Close()))
	return path
}

func word(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// altered changes a file with SQL, as a tool for databases does.
func altered(t *testing.T, path, text string) string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.ExecContext(t.Context(), text)
	must(t, errors.Join(err, db.Close()))
	return path
}

func cut(t *testing.T, path string, size int64) string {
	t.Helper()
	must(t, os.Truncate(path, size))
	return path
}

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(folder(t), "f")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// contents are the bytes of a file and of the ones beside it that hold data.
func contents(path string) (all [2][]byte) {
	for i, end := range []string{"", "-wal"} {
		all[i], _ = os.ReadFile(path + end) // one that is not there has none
	}
	return all
}

// What cannot be used is told in a sentence, with what to do, and is left as it is.
func TestFilesThatCannotBeUsed(t *testing.T) {
	const versionAt, markAt = 60, 68
	for _, test := range []struct {
		name string
		make func(*testing.T) string
		kind store.Kind
		want string // in the error
	}{
		{"version -1", func(t *testing.T) string { return patched(t, used(t), versionAt, word(0xffffffff)) }, store.Damaged, "its version is -1, which no ringback writes"},
		{"version -1 in the WAL", func(t *testing.T) string { return altered(t, used(t), "PRAGMA user_version = -1") }, store.Damaged, "its version is -1"},
		{"version 0", func(t *testing.T) string { return patched(t, used(t), versionAt, word(0)) }, store.Damaged, "its version is 0, but there are tables"},
		{"version 1 for 2", func(t *testing.T) string { return patched(t, used(t), versionAt, word(1)) }, store.Damaged, "cannot be brought from version 1 to 2"},
		{"a newer version", func(t *testing.T) string { return patched(t, used(t), versionAt, word(1000)) }, store.Newer, "it has version 1000, and this one knows versions up to"},
		{"another mark", func(t *testing.T) string { return patched(t, used(t), markAt, word(7)) }, store.Foreign, "a database of another program"},
		{"bookmarks", func(t *testing.T) string { return altered(t, written(t, ""), "CREATE TABLE bookmarks (url TEXT)") }, store.Foreign, "a database of another program"},
		{"bookmarks with a WAL", func(t *testing.T) string {
			return altered(t, written(t, ""), "PRAGMA journal_mode = WAL; CREATE TABLE bookmarks (url TEXT)")
		}, store.Foreign, "a database of another program"},
		{"a text", func(t *testing.T) string { return written(t, strings.Repeat("name: story\n", 100)) }, store.Foreign, "no SQLite file, or its beginning is damaged"},
		{"a few bytes", func(t *testing.T) string { return written(t, "SQLite format 3\x00") }, store.Foreign, "no SQLite file"},
		{"zeros", func(t *testing.T) string { return written(t, string(make([]byte, 8192))) }, store.Foreign, "no SQLite file"},
		{"cut in half", func(t *testing.T) string { return cut(t, used(t), 40_960) }, store.Damaged, "it was cut off: it has 40960 bytes of"},
		{"one page", func(t *testing.T) string { return cut(t, used(t), 4096) }, store.Damaged, "it was cut off"},
		{"a header alone", func(t *testing.T) string { return cut(t, used(t), 100) }, store.Damaged, "it was cut off"},
		{"a damaged first page", func(t *testing.T) string { return patched(t, used(t), 100, bytes.Repeat([]byte{0xa5}, 3996)) }, store.Damaged, "malformed"},
		{"a damaged size of pages", func(t *testing.T) string { return patched(t, used(t), 16, []byte{0, 3}) }, store.Damaged, ""},
		{"a missing table", func(t *testing.T) string { return altered(t, used(t), "DROP TABLE attempt") }, store.Damaged, "no such table: attempt"},
		{"no counts", func(t *testing.T) string { return altered(t, used(t), "DELETE FROM counts") }, store.Damaged, "the row of counts is missing"},
		{"odd counts", func(t *testing.T) string { return altered(t, used(t), "UPDATE counts SET waiting = 'many secrets'") }, store.BadRow, `a row of the state cannot be read (column index 4, name "waiting")`},
		{"no WAL", func(t *testing.T) string {
			path := crashed(t)
			must(t, os.Remove(path+"-wal"))
			return path
		}, store.Damaged, "the file ending in -wal is missing"},
		{"a damaged first page beside a sound WAL", func(t *testing.T) string {
			return patched(t, withoutIndex(t), 100, bytes.Repeat([]byte{0xa5}, 3996))
		}, store.Damaged, "malformed"},
		{"cut in half beside a sound WAL", func(t *testing.T) string { return cut(t, withoutIndex(t), 40_960) }, store.Damaged, ""},
		{"a newer version in the WAL after a crash", func(t *testing.T) string {
			path := crashed(t)
			from := filepath.Join(folder(t), "f")
			copied(t, path, from, "", "-wal")
			db, err := sql.Open("sqlite", from)
			must(t, err)
			defer db.Close()
			_, err = db.ExecContext(t.Context(), "PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 1000")
			must(t, err)
			copied(t, from, path, "", "-wal")
			must(t, os.Remove(path+"-shm"))
			return path
		}, store.Newer, "it has version 1000"},
		{"a folder", func(t *testing.T) string { return t.TempDir() }, store.Foreign, "it is not a file but a folder"},
		{"a link to nothing", func(t *testing.T) string {
			path := filepath.Join(folder(t), "f")
			must(t, os.Symlink("nowhere", path))
			return path
		}, store.Foreign, "a symbolic link to a file that is not there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := test.make(t)
			before := contents(path)
			s, err := store.Open(path, store.Options{})
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			trouble, ok := errors.AsType[*store.Trouble](err)
			if !ok || trouble.Kind != test.kind {
				t.Errorf("got %v, want trouble of the kind %s", err, test.kind)
			}
			for _, want := range []string{"open " + path + ": ", test.want} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
			if advice := trouble.AdviceToOpen(); !strings.Contains(advice, "the file") {
				t.Errorf("the advice is %q", advice)
			}
			if strings.Contains(err.Error(), "many secrets") {
				t.Errorf("a value is in the error: %v", err)
			}
			if after := contents(path); !bytes.Equal(after[0], before[0]) || !bytes.Equal(after[1], before[1]) {
				t.Error("the file was changed")
			}
		})
	}
}

// What looks odd, and can be used, is used.
func TestFilesThatCanBeUsed(t *testing.T) {
	for name, path := range map[string]string{"empty": written(t, ""), "used": used(t), "crashed": crashed(t)} {
		s := open(t, path, store.Options{})
		must(t, s.Set(t.Context(), "a", "b"))
		whole(t, s)
		if value, err := s.Setting(t.Context(), "last"); err != nil || (value == "change") != (name == "crashed") {
			t.Errorf("%s: the last change is %q, %v", name, value, err)
		}
	}
}

// Two links lead to one file, and one lock.
func TestALinkIsItsFile(t *testing.T) {
	path := used(t)
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(path, link))
	open(t, link, store.Options{})
	if _, err := store.Open(path, store.Options{}); err == nil || !strings.Contains(err.Error(), "another sandbox is working") {
		t.Errorf("opening the file behind the link: %v", err)
	}
}

func TestAFileThatIsNotAllowed(t *testing.T) {
	if runtime.GOOS == "windows" || syscall.Geteuid() == 0 {
		t.Skip("everything is allowed to this user")
	}
	path := used(t)
	must(t, os.Chmod(path, 0))
	_, err := store.Open(path, store.Options{})
	if trouble, ok := errors.AsType[*store.Trouble](err); !ok || trouble.Kind != store.ReadOnly || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v", err)
	}
}

// A page that is damaged in the middle shows only when it is read. Then nothing more is written.
func TestDamageThatShowsLater(t *testing.T) {
	path := used(t)
	at := bytes.Index(contents(path)[0], []byte(`{"number":100}`))
	patched(t, path, int64(at-at%4096), bytes.Repeat([]byte{0xa5}, 4096))
	s := open(t, path, store.Options{})
	if s.Trouble() != nil {
		t.Fatalf("before anything is read: %v", s.Trouble())
	}
	before := contents(path)
	var shown error
	for number := int64(1); number <= 200 && shown == nil; number++ {
		_, shown = s.Notification(t.Context(), number)
	}
	trouble, ok := errors.AsType[*store.Trouble](shown)
	if !ok || trouble.Kind != store.Damaged || s.Trouble() == nil || !strings.Contains(s.Trouble().Advice(), "accepts nothing more") {
		t.Fatalf("reading all: %v; trouble %v", shown, s.Trouble())
	}
	for what, err := range map[string]error{"set": s.Set(t.Context(), "a", "b"), "recover": s.Recover(t.Context())} {
		if trouble, ok := errors.AsType[*store.Trouble](err); !ok || trouble.Kind != store.Damaged {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.Close(); err == nil || troubleOf(t, err).Kind != store.Damaged {
		t.Errorf("the end says %v", err)
	}
	if after := contents(path); !bytes.Equal(after[0], before[0]) {
		t.Error("the file was changed")
	}
}

// A row that holds something else than the store writes is an error of those who read it alone.
func TestRowsThatCannotBeRead(t *testing.T) {
	for text, read := range map[string]func(*store.Store) error{
		"UPDATE attempt SET header = 'secret'": func(s *store.Store) error { _, err := s.Attempts(t.Context(), 1); return err },
		"UPDATE delivery SET state = 9":        func(s *store.Store) error { _, err := s.Delivery(t.Context(), 1); return err },
		"UPDATE delivery SET state = -9":       func(s *store.Store) error { return s.Forget(t.Context(), noon().AddDate(1, 0, 0)) },
		"UPDATE delivery SET state = 10": func(s *store.Store) error {
			return s.Record(t.Context(), nil, []store.Delivery{{Number: 1, State: store.Waiting}})
		},
	} {
		s := open(t, altered(t, used(t), text), store.Options{})
		err := read(s)
		trouble, ok := errors.AsType[*store.Trouble](err)
		if !ok || trouble.Kind != store.BadRow || !strings.Contains(err.Error(), "a row of the state cannot be read (") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", text, err)
		}
		if s.Trouble() != nil {
			t.Errorf("%s: all of the file is in trouble: %v", text, s.Trouble())
		}
		must(t, s.Set(t.Context(), "a", "b"))
	}
}

// What a start needs is read before anything is written: a state of which such a row cannot be read, or a page that has them, is left as it is, and so
// is its WAL.
func TestWhatAStartNeedsIsReadFirst(t *testing.T) {
	for _, text := range []string{"UPDATE run SET options = '{\"secret'", "UPDATE run SET speed = 'secret'", "UPDATE conversation SET actions = 7", "UPDATE delivery SET attempts = -126, state = 0", "UPDATE delivery SET attempts = 'x', state = 0", "UPDATE subscription SET events = '['"} {
		path := altered(t, used(t), text)
		before := contents(path)
		_, err := store.Open(path, store.Options{})
		if trouble := troubleOf(t, err); trouble.Kind != store.BadRow || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", text, err)
		}
		if !bytes.Equal(contents(path)[0], before[0]) {
			t.Errorf("%s: the file was changed", text)
		}
	}
	for _, table := range []string{"conversation", "run", "subscription", "setting", "counts", "type", "subscriber", "fan", "form", "delivery", "delivery_due", "delivery_block", "notification_block", "pack"} {
		path := crashed(t)
		good, err := os.ReadFile(path)
		must(t, err)
		copied(t, path, path+"-of", "")
		db, err := sql.Open("sqlite", path+"-of")
		must(t, err)
		var root int64
		must(t, errors.Join(db.QueryRowContext(t.Context(), "SELECT rootpage FROM sqlite_schema WHERE name = ?", table).Scan(&root), db.Close()))
		patched(t, path, (root-1)*4096, make([]byte, 4096))
		before := contents(path)
		s, err := store.Open(path, store.Options{})
		if err == nil { // the WAL has a page of it that is sound
			must(t, s.Close())
			continue
		}
		if trouble := troubleOf(t, err); trouble.Kind != store.Damaged {
			t.Errorf("%s: got %v", table, err)
		}
		if after := contents(path); !bytes.Equal(after[0], before[0]) || !bytes.Equal(after[1], before[1]) {
			t.Errorf("%s: the file or its WAL was changed", table)
		}
		must(t, os.WriteFile(path, good, 0o600)) // a good file is enough
		s = open(t, path, store.Options{})
		if value, err := s.Setting(t.Context(), "last"); value != "change" || err != nil {
			t.Errorf("%s: the last change is %q, %v", table, value, err)
		}
		must(t, s.Close())
	}
}

// A state of which the file or the WAL is not there is never begun anew, and never gone on with as if nothing was lost: what is left of it stays.
func TestAStateWithoutAPartIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		crash  bool
		remove []string
		says   string // empty: it opens
		again  bool   // with what was removed back in its place, everything is there
	}{
		{"the file, after a crash", true, []string{""}, "is missing or empty, and the file ending in -wal beside it is of a state that has changes", true},
		{"the file and the index, after a crash", true, []string{"", "-shm"}, "is missing or empty", true},
		{"the WAL, after a crash", true, []string{"-wal"}, "-wal is missing", true},
		{"the WAL and the index, after a crash", true, []string{"-wal", "-shm"}, "-wal is missing, which has the last changes: put it back; or copy all files of the state", true},
		{"the index, after a crash", true, []string{"-shm"}, "", true},
		{"nothing, after a crash", true, nil, "", true},
		{"nothing", false, nil, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			from := filepath.Join(t.TempDir(), "state.db")
			s := open(t, from, store.Options{})
			must(t, s.Set(t.Context(), "what", "kept"))
			if !c.crash {
				must(t, s.Close())
			}
			path, away := filepath.Join(t.TempDir(), "state.db"), t.TempDir() // as the files are in that moment
			for _, end := range []string{"", "-wal", "-shm"} {
				if text, err := os.ReadFile(from + end); err == nil {
					must(t, os.WriteFile(path+end, text, 0o600))
				}
			}
			for _, end := range c.remove {
				must(t, os.Rename(path+end, filepath.Join(away, "state.db"+end)))
			}
			got, err := store.Open(path, store.Options{})
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want %q", err, c.says)
			}
			if err != nil {
				for _, end := range c.remove {
					must(t, os.Rename(filepath.Join(away, "state.db"+end), path+end))
				}
				got = open(t, path, store.Options{})
			}
			if text, err := got.Setting(t.Context(), "what"); text != "kept" || err != nil {
				t.Errorf("it holds %q, %v", text, err)
			}
			must(t, got.Close())
			must(t, open(t, path, store.Options{}).Close())
		})
	}
}

// That the file or its WAL was moved is found before anything is written.
func TestALookFindsWhatWasMoved(t *testing.T) {
	for _, end := range []string{"", "-wal"} {
		path := filepath.Join(t.TempDir(), "state.db")
		s := open(t, path, store.Options{})
		if s.Look(t.Context()); s.Trouble() != nil {
			t.Fatalf("before: %v", s.Trouble())
		}
		must(t, os.Rename(path+end, path+end+".away"))
		if s.Look(t.Context()); s.Trouble() == nil || s.Trouble().Kind != store.Moved {
			t.Errorf("%q was moved: %v", end, s.Trouble())
		}
		must(t, os.Rename(path+end+".away", path+end))
		if err := s.Recover(t.Context()); err != nil || s.Trouble() != nil {
			t.Errorf("%q is back: %v, %v", end, err, s.Trouble())
		}
	}
}

// That the file is overwritten in its place is found before anything is written, and told for good.
func TestALookFindsWhatWasOverwritten(t *testing.T) {
	other, err := os.ReadFile(used(t))
	must(t, err)
	for name, text := range map[string][]byte{"nothing": nil, "a part of another state": other[:8192]} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder(t), "f")
			must(t, os.Rename(used(t), path))
			s := open(t, path, store.Options{KeepMost: 1 << 20}) // with a short WAL, so that the file grows
			for i := range 100 {
				must(t, s.Set(t.Context(), "what", strings.Repeat("x", 1+i%2*30_000)))
				if s.Look(t.Context()); s.Trouble() != nil {
					t.Fatalf("before: %v", s.Trouble())
				}
			}
			must(t, s.Reset(t.Context())) // with which it becomes smaller
			must(t, s.Set(t.Context(), "what", "kept"))
			if s.Look(t.Context()); s.Trouble() != nil {
				t.Fatalf("after a reset: %v", s.Trouble())
			}
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
			must(t, err)
			_, err = f.Write(text)
			must(t, errors.Join(err, f.Close()))
			if s.Look(t.Context()); s.Trouble() == nil || s.Trouble().Kind != store.Damaged || !strings.Contains(s.Trouble().Error(), "it was cut off or overwritten while it was open") {
				t.Errorf("it is told as %v", s.Trouble())
			}
			if trouble := troubleOf(t, s.Set(t.Context(), "a", "b")); trouble.Kind != store.Damaged {
				t.Errorf("writing: %v", trouble)
			}
			_ = s.Close()
			if _, err := store.Open(path, store.Options{}); err == nil {
				t.Error("it is begun anew")
			}
		})
	}
}

// The file that keeps others out holds nothing, and what is wrong with it is no matter of the state.
func TestADamagedLockIsTold(t *testing.T) {
	path := used(t)
	must(t, os.WriteFile(path+"-lock", bytes.Repeat([]byte("no database "), 100), 0o600))
	if _, err := store.Open(path, store.Options{}); err == nil || !strings.Contains(err.Error(), "-lock beside it is damaged, and holds nothing: delete that one") {
		t.Errorf("got %v", err)
	}
	must(t, os.Remove(path+"-lock"))
	whole(t, open(t, path, store.Options{}))
}
