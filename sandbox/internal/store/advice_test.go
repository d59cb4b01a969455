package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// away moves files of a state to another folder of the same volume, those that are there.
func away(t *testing.T, path string, ends ...string) (dir string) {
	t.Helper()
	dir, err := os.MkdirTemp(filepath.Dir(path), "away-")
	must(t, err)
	for _, end := range ends {
		if _, err := os.Lstat(path + end); err == nil {
			must(t, os.Rename(path+end, filepath.Join(dir, filepath.Base(path)+end)))
		}
	}
	return dir
}

// What is said about a state that cannot be opened works, each way, at once.
func TestTheAdviceForAStateWorks(t *testing.T) {
	const lostWAL = "put it back; or copy all files of the state, and go on without those changes: put an empty file in its place, and delete the one ending in -shm"
	anew := []string{"", "-wal", "-shm"}
	moveAll := func(t *testing.T, path string) { away(t, path, anew...) }
	backup := func(t *testing.T, path string) {
		away(t, path, anew...)
		must(t, os.Rename(used(t), path))
	}
	backupOfACrash := func(t *testing.T, path string) {
		away(t, path, anew...)
		from := crashed(t)
		must(t, os.Rename(from, path))
		must(t, os.Rename(from+"-wal", path+"-wal"))
	}
	emptyWAL := func(t *testing.T, path string) {
		must(t, os.WriteFile(path+"-wal", nil, 0o600))
		away(t, path, "-shm")
	}
	without := func(ends ...string) func(*testing.T) string {
		return func(t *testing.T) string {
			path := crashed(t)
			away(t, path, ends...)
			return path
		}
	}
	damage := "To begin anew, move it away together with those ending in -wal and -shm, or choose another folder; to go on with a backup, move all three away, and put the backup in their place"
	for _, test := range []struct {
		name   string
		make   func(*testing.T) string
		says   string
		follow map[string]func(t *testing.T, path string)
	}{
		{"no WAL", without("-wal"), lostWAL, map[string]func(*testing.T, string){"an empty one": emptyWAL}},
		{"no WAL and no index", without("-wal", "-shm"), lostWAL, map[string]func(*testing.T, string){"an empty one": emptyWAL}},
		{"no WAL", without("-wal"), damage, map[string]func(*testing.T, string){"anew": moveAll, "a backup": backup, "a backup with a WAL": backupOfACrash}},
		{"no file", without(""), "or move these away, to begin anew", map[string]func(*testing.T, string){"anew": func(t *testing.T, path string) { away(t, path, "-wal", "-shm") }}},
		{"no file", without(""), damage, map[string]func(*testing.T, string){"anew": moveAll, "a backup": backup, "a backup with a WAL": backupOfACrash}},
		{"cut off", func(t *testing.T) string { return cut(t, used(t), 8192) }, damage, map[string]func(*testing.T, string){"anew": moveAll, "a backup": backup}},
		{"odd counts", func(t *testing.T) string { return altered(t, used(t), "UPDATE counts SET waiting = 'many'") },
			"to begin anew, move the file away together with those ending in -wal and -shm", map[string]func(*testing.T, string){"anew": moveAll, "a backup": backup}},
		{"of another program", func(t *testing.T) string {
			path := crashed(t)
			must(t, os.WriteFile(path, []byte(strings.Repeat("a text", 100)), 0o600))
			return path
		}, "or move it away together with those ending in -wal and -shm", map[string]func(*testing.T, string){"anew": moveAll}},
		{"a folder in the place of the WAL", func(t *testing.T) string {
			path := used(t)
			must(t, os.Mkdir(path+"-wal", 0o700))
			return path
		}, "or move it away together with those ending in -wal and -shm", map[string]func(*testing.T, string){"anew": moveAll}},
	} {
		for how, follow := range test.follow {
			t.Run(test.name+"/"+how, func(t *testing.T) {
				path := test.make(t)
				_, err := store.Open(path, store.Options{})
				if trouble := troubleOf(t, err); !strings.Contains(err.Error()+"; "+trouble.AdviceToOpen(), test.says) {
					t.Fatalf("it says %v; %s, want %q", err, trouble.AdviceToOpen(), test.says)
				}
				follow(t, path)
				s := open(t, path, store.Options{})
				must(t, s.Set(t.Context(), "a", "b"))
				whole(t, s)
				must(t, s.Close())
				must(t, open(t, path, store.Options{}).Close())
			})
		}
	}
}

// What is said about a file that was moved while it was open works: to bring it back, or to start where it is.
func TestTheAdviceForAMovedStateWorks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s := open(t, path, store.Options{})
	must(t, s.Set(t.Context(), "what", "kept"))
	dir := away(t, path, "")
	if s.Look(t.Context()); s.Trouble() == nil || !strings.Contains(s.Trouble().Advice(), "stop the sandbox, move the one ending in -wal to where the file is now, and start it there") {
		t.Fatalf("the trouble is %v", s.Trouble())
	}
	_ = s.Close()
	now := filepath.Join(dir, "f")
	must(t, os.Rename(path+"-wal", now+"-wal"))
	s = open(t, now, store.Options{})
	if text, err := s.Setting(t.Context(), "what"); text != "kept" || err != nil {
		t.Errorf("it holds %q, %v", text, err)
	}
	whole(t, s)
}
