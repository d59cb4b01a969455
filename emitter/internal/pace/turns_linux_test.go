package pace

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The thread that paces asks Linux for short turns, so that it goes first when it wakes, and gives back a thread as it was.
func TestTheThreadThatPacesHasShortTurns(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	attributes := func() unix.SchedAttr {
		a, err := unix.SchedGetAttr(0, 0)
		if err != nil {
			t.Skipf("this system tells no attributes of threads: %v", err)
		}
		return *a
	}
	before := attributes()
	asked := before
	asked.Runtime = uint64(2 * turns)
	if err := unix.SchedSetAttr(0, &asked, 0); err != nil || attributes().Runtime != asked.Runtime {
		t.Skipf("this system knows no turns of threads: %v", err)
	}
	if err := unix.SchedSetAttr(0, &before, 0); err != nil {
		t.Fatal(err)
	}
	before = attributes()
	_, release := NewPacer(NewClock(time.Now(), 1), Kernel)
	if got := attributes(); runtime.GOMAXPROCS(0) > 1 && time.Duration(got.Runtime) != turns {
		t.Errorf("a turn is %v, want %v", time.Duration(got.Runtime), turns)
	}
	if release(); attributes() != before {
		t.Errorf("got %+v after release, want %+v", attributes(), before)
	}
}
