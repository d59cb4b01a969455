package store

import (
	"os"
	"path/filepath"
	"testing"
)

// copied are the files of a state as they are in this moment, in another folder, as after a crash; without some of them.
func copied(t *testing.T, path, dir string, without ...string) string {
	t.Helper()
	to := filepath.Join(dir, "copy")
	for _, end := range []string{"", "-wal"} {
		if len(without) > 0 && without[0] == end {
			continue
		}
		text, err := os.ReadFile(path + end)
		if err == nil {
			err = os.WriteFile(to+end, text, ownerFile)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func opened(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ended(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// nearlyFilledUp leaves so many pages of a volume. The index of a WAL takes 8 of them.
func nearlyFilledUp(t *testing.T, dir string, pages int64) (free func()) {
	t.Helper()
	free = filledUp(t, dir)
	filler := filepath.Join(dir, "filler")
	if err := os.Truncate(filler, sizeOf(filler)-pages*4096); err != nil {
		t.Fatal(err)
	}
	return free
}

// After an orderly end the next start works, also where the start before met a full disk, and could not note that it has the file open.
func TestAStartOnAFullDiskEndsInOrder(t *testing.T) {
	for _, crash := range []bool{true, false} { // before that start; else it was an end on a full disk
		for _, freed := range []bool{true, false} { // before the end
			dir := volume(t, 8<<20)
			path := filepath.Join(dir, "f")
			s := opened(t, path)
			if err := s.Set(t.Context(), "what", "kept"); err != nil {
				t.Fatal(err)
			}
			var free func()
			if crash {
				path = copied(t, path, dir)
				ended(t, s)
				free = nearlyFilledUp(t, dir, 8)
			} else {
				free = filledUp(t, dir)
				ended(t, s)
				free()
				free = filledUp(t, dir) // with what the WAL had
			}
			s = opened(t, path)
			// What the WAL of a crash gives back may be enough.
			if now := s.Trouble(); now == nil && !crash || now != nil && now.Kind != DiskFull {
				t.Errorf("crash %v: on a full disk: %v", crash, now)
			}
			if freed {
				free()
				if err := s.Recover(t.Context()); err != nil {
					t.Errorf("with space: %v", err)
				}
			}
			ended(t, s)
			if !freed {
				free()
			}
			s, err := Open(path, Options{})
			if err != nil {
				t.Errorf("crash %v, freed %v: the next start: %v", crash, freed, err)
				continue
			}
			if value, err := s.Setting(t.Context(), "what"); value != "kept" || err != nil || s.Trouble() != nil {
				t.Errorf("crash %v, freed %v: it holds %q, %v, %v", crash, freed, value, err, s.Trouble())
			}
			ended(t, s)
		}
	}
}

// What a start on a full disk could not note is noted when there is space: a WAL that is lost after a crash is told.
func TestAFileIsMarkedAsOpenOnceItCanBe(t *testing.T) {
	dir := volume(t, 8<<20)
	path := filepath.Join(dir, "f")
	ended(t, opened(t, path))
	free := nearlyFilledUp(t, dir, 9)
	s := opened(t, path)
	defer s.Close()
	isKind(t, "the start on a full disk", s.Trouble(), DiskFull)
	free()
	if err := s.Recover(t.Context()); err != nil {
		t.Fatalf("with space: %v", err)
	}
	_, err := Open(copied(t, path, t.TempDir(), "-wal"), Options{})
	isKind(t, "a start without the WAL", err, Damaged)
}

// A WAL that is moved is noticed also where the start met a full disk, and after that.
func TestAMovedWALIsNoticedAfterAStartOnAFullDisk(t *testing.T) {
	dir := volume(t, 8<<20)
	first := opened(t, filepath.Join(dir, "f"))
	path := copied(t, first.path, dir)
	ended(t, first)
	free := nearlyFilledUp(t, dir, 8)
	s := opened(t, path)
	defer s.Close()
	isKind(t, "the start on a full disk", s.Trouble(), DiskFull)
	free()
	if err := s.Recover(t.Context()); err != nil {
		t.Fatalf("with space: %v", err)
	}
	if err := os.Rename(path+"-wal", path+"-wal.away"); err != nil {
		t.Fatal(err)
	}
	s.Look(t.Context())
	isKind(t, "a look", s.Trouble(), Moved)
	isKind(t, "a change", s.Set(t.Context(), "a", "b"), Moved)
	if err := os.Rename(path+"-wal.away", path+"-wal"); err != nil {
		t.Fatal(err)
	}
	if err := s.Recover(t.Context()); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}
