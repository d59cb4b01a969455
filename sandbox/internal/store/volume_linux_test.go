package store

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// volume is a file system of its own, of so many bytes. It needs the right to mount.
func volume(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// filledUp fills a volume, until free is called.
func filledUp(t *testing.T, dir string) (free func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	return func() {
		if err := os.Remove(f.Name()); err != nil {
			t.Error(err)
		}
	}
}

func isKind(t *testing.T, what string, err error, want Kind) {
	t.Helper()
	if got, ok := errors.AsType[*Trouble](err); !ok || got == nil || got.Kind != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

// A state never fills its volume by itself: its limit is what the volume has space for, the same at each start.
func TestAStateLeavesItsVolumeSpace(t *testing.T) {
	const size = 4 << 20
	path := filepath.Join(volume(t, size), "f")
	start := func() *Store {
		t.Helper()
		s, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if most := s.Usage().Most; most < size/16*15-64<<10 || most > size/16*15 {
			t.Errorf("of %d bytes the state may have %d", size, most)
		}
		return s
	}
	s := start()
	ctx := t.Context()
	if err := s.CreateSubscription(ctx, Subscription{ID: "a", Name: "a"}); err != nil {
		t.Fatal(err)
	}
	var err error
	for i := 0; err == nil; i++ {
		_, err = s.Accept(ctx, []Accepted{{Notification: Notification{ID: fmt.Sprint(i), Body: make([]byte, 2000)}, To: []string{"a"}}}, Changes{})
	}
	isKind(t, "accepting", err, OverLimit)
	if advice := s.Trouble().Advice(); !strings.Contains(err.Error(), "bytes, for which its volume had space at the start, with") || !strings.Contains(advice, "start it again with more space on its volume, which each start measures, or") || strings.Contains(advice, "higher") {
		t.Errorf("it is told as %v; %s", err, advice)
	}
	_, states := s.Counts()
	for number := range states[Waiting] { // what becomes of them is recorded
		if err := s.Record(ctx, []Attempt{{Delivery: number + 1, Try: 1, Answer: strings.Repeat("busy ", 50)}}, []Delivery{{Number: number + 1, State: Waiting, Attempts: 1}}); err != nil {
			t.Fatalf("attempt %d of %d: %v", number, states[Waiting], err)
		}
	}
	isKind(t, "recovering", s.Recover(ctx), OverLimit)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start()
	defer s.Close()
	isKind(t, "after another start", s.Trouble(), OverLimit)
	if err := s.DeleteSubscription(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.MakeSpace(ctx), s.Recover(ctx), s.Check(ctx)); err != nil {
		t.Error(err)
	}
}

// On a volume with more space than the limit, and where the volume is very small, the limit is the usual one.
func TestTheLimitOfAVolume(t *testing.T) {
	for _, test := range []struct {
		size        int
		asked, want int64
	}{{4 << 20, 2 << 20, 2 << 20}, {400 << 10, 1 << 30, leastLimit}, {400 << 10, 1 << 20, leastLimit}} {
		s, err := Open(filepath.Join(volume(t, test.size), "f"), Options{KeepMost: test.asked})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Usage().Most; got != test.want {
			t.Errorf("of %d bytes, with a limit of %d: %d, want %d", test.size, test.asked, got, test.want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A full disk stays one while there is no space, though the file has what it may have as well; with space, only the limit is left.
func TestAFullDiskIsMoreThanALimit(t *testing.T) {
	dir := volume(t, 8<<20)
	s, err := Open(filepath.Join(dir, "f"), Options{KeepMost: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	for _, size := range []int{20_000, 3000} { // until no page is left; settings may be kept beyond the limit for what is new
		for i := 0; err == nil; i++ {
			err = s.Set(ctx, fmt.Sprint(size, i), strings.Repeat("x", size))
		}
		err = nil
	}
	isKind(t, "the limit", s.Trouble(), OverLimit)
	free := filledUp(t, dir)
	err = s.write(ctx, "more than the WAL has space for", func(t *tx) (err error) {
		for i := range 20 {
			err = cmp.Or(err, t.set(fmt.Sprint(20_000, i), strings.Repeat("y", 20_000)))
		}
		return err
	})
	isKind(t, "the WAL", err, DiskFull)
	for range 3 {
		isKind(t, "the disk", s.Trouble(), DiskFull)
		isKind(t, "a try", s.Recover(ctx), DiskFull)
		if s.Set(ctx, "more", strings.Repeat("x", 100_000)) == nil {
			t.Error("it was written")
		}
	}
	free()
	isKind(t, "with space", s.Recover(ctx), OverLimit)
	isKind(t, "after that", s.Trouble(), OverLimit)
	if err := s.Set(ctx, "20000 0", "x"); err != nil {
		t.Errorf("less: %v", err)
	}
}
