//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// What the program writes to a terminal.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	beginFrame  = "\x1b[?2026h\x1b[H"
	endLine     = "\x1b[K"
	endFrame    = "\x1b[J\x1b[?2026l"
)

// seated is the program at a pseudo terminal.
type seated struct {
	*heard
	cmd    *exec.Cmd
	master *os.File
	before unix.Termios
	ended  chan error
}

// sit starts a run of a story that goes on for hours, with a screen.
func sit(t *testing.T, width, height int, args ...string) *seated {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("there are no pseudo terminals here: %v", err)
	}
	story := filepath.Join(t.TempDir(), "story.yaml")
	if err := os.WriteFile(story, []byte(strings.Replace(goodStory, "talk: 2s", "talk: 24h", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	s := &seated{heard: newHeard(), master: master, ended: make(chan error, 1)}
	s.resize(t, width, height)
	s.before = s.termios(t)
	s.cmd = exec.Command("ringback", append([]string{"run", story, "--to", consumer(t), "--progress", "screen", "--speed", "20"}, args...)...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	s.cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close() // so that reading ends with the program
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer s.end()
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			s.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	go func() { s.ended <- s.cmd.Wait() }()
	limit := time.AfterFunc(30*time.Second, func() { _ = s.cmd.Process.Kill() }) // for a run that hangs
	t.Cleanup(func() {
		limit.Stop()
		_ = s.cmd.Process.Kill()
		<-read
		master.Close()
	})
	return s
}

func (s *seated) resize(t *testing.T, width, height int) {
	t.Helper()
	if err := pty.Setsize(s.master, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		t.Fatal(err)
	}
}

func (s *seated) termios(t *testing.T) unix.Termios {
	t.Helper()
	got, err := unix.IoctlGetTermios(int(s.master.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *got
}

// press types keys, and returns where what follows them begins.
func (s *seated) press(t *testing.T, keys string) {
	t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// leaves waits for the end, and checks that the terminal is as it was before.
func (s *seated) leaves(t *testing.T, status int) {
	t.Helper()
	err := <-s.ended
	if got := s.cmd.ProcessState.ExitCode(); got != status {
		t.Errorf("it ended with %v, want status %d", err, status)
	}
	s.restored(t)
}

func (s *seated) restored(t *testing.T) {
	t.Helper()
	if got := s.termios(t); got != s.before {
		t.Errorf("the terminal is left as %+v, want %+v", got, s.before)
	}
	s.find(t, regexp.QuoteMeta(leaveScreen), 0)
}

func TestKeysSteerARun(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	s := sit(t, 80, 24, "--report", path)
	_, at := s.find(t, "left  plan 0:", 0) // it has begun
	for _, step := range []struct{ key, shows string }{
		{"*", "speed 40  running"}, {"+", "speed 44  running"}, {"-", "speed 40  running"}, {"/", "speed 20  running"},
		{"p", "speed 20  paused"}, {"p", "speed 20  running"}, {"/", "speed 10  running"},
	} {
		s.press(t, step.key)
		_, at = s.find(t, step.shows, at)
	}
	s.press(t, "q")
	s.find(t, "interrupted; finishing what is under way", at)
	s.leaves(t, exitInterrupted)
	s.find(t, "interrupted; finishing(?s:.*)the run was interrupted", at) // on the screen or behind it, then the summary
	got := readReport(t, path)
	want := []string{"speed 40 instead of speed 20", "speed 44 instead of speed 40", "speed 40 instead of speed 44", "speed 20 instead of speed 40",
		"paused", "resumed", "speed 10 instead of speed 20"}
	if len(got.Notes) != len(want) {
		t.Fatalf("notes = %q, want %q and the times", got.Notes, want)
	}
	for i, w := range want {
		if !strings.HasPrefix(got.Notes[i], w+" after ") {
			t.Errorf("note %q, want %q and the time", got.Notes[i], w)
		}
	}
	if got.Total.Matched == 0 || got.Total.Matched != got.Total.Accepted+got.Total.Undelivered {
		t.Errorf("%d wanted, %d accepted, %d undelivered; want all accounted for", got.Total.Matched, got.Total.Accepted, got.Total.Undelivered)
	}
}

// Where all is kept that goes to the terminal, or nobody knows what it can do, it gets lines.
func TestNoScreenWhereNobodyLooks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env    string
		args   []string
		screen bool
	}{
		{"TERM=xterm", nil, true},
		{"TERM=xterm CI=false", nil, true},
		{"TERM=xterm CI=true", nil, false},
		{"TERM=xterm CI=1", nil, false},
		{"TERM=xterm CI=true", []string{"--progress", "screen"}, true}, // who says so means it
		{"TERM=dumb", nil, false},
		{"TERM=", nil, false},
	} {
		t.Run(fmt.Sprint(tt.env, tt.args), func(t *testing.T) {
			t.Parallel()
			master, tty, err := pty.Open()
			if err != nil {
				t.Skipf("there are no pseudo terminals here: %v", err)
			}
			defer master.Close()
			cmd := exec.Command("ringback", append([]string{"run", "inbound-call", "--count", "21", "--speed", "max", "--to", consumer(t)}, tt.args...)...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
			cmd.Env = append(append(os.Environ(), "CI=", "TF_BUILD=", "JENKINS_URL=", "TEAMCITY_VERSION=", "NO_COLOR="), strings.Fields(tt.env)...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			tty.Close()
			said, _ := io.ReadAll(master) // a terminal ends with an error
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v:\n%q", err, said)
			}
			if got := bytes.Contains(said, []byte(enterScreen)); got != tt.screen || !bytes.Contains(said, []byte("passed")) {
				t.Errorf("a screen: %v, want %v, and a summary:\n%q", got, tt.screen, said)
			}
			if dumb := strings.Contains(tt.env, "TERM=dumb") || strings.HasSuffix(tt.env, "TERM="); dumb && bytes.ContainsRune(said, '\x1b') {
				t.Errorf("it controls a terminal that nobody knows:\n%q", said)
			}
		})
	}
}

// However a run ends, the terminal is as it was.
func TestTheTerminalIsPutBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		end    func(*testing.T, *seated)
		status int // 2: by Go's own answer to a signal
	}{
		{"ctrl-C", func(t *testing.T, s *seated) { s.press(t, "\x03") }, exitInterrupted},
		{"two ctrl-C", func(t *testing.T, s *seated) {
			s.press(t, "\x03")
			s.find(t, "finishing what is under way", 0)
			s.press(t, "\x03")
		}, exitInterrupted},
		{"q twice", func(t *testing.T, s *seated) { s.press(t, "qq") }, exitInterrupted},
		{"TERM", func(t *testing.T, s *seated) { s.signal(t, syscall.SIGTERM) }, exitInterrupted},
		{"HUP", func(t *testing.T, s *seated) { s.signal(t, syscall.SIGHUP) }, exitInterrupted},
		{"HUP twice", func(t *testing.T, s *seated) { s.signal(t, syscall.SIGHUP); s.signal(t, syscall.SIGHUP) }, exitInterrupted},
		{"QUIT", func(t *testing.T, s *seated) { s.press(t, "\x1c") }, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(tt.name, "HUP") && signal.Ignored(syscall.SIGHUP) {
				t.Skip("hangups are ignored here, as under nohup, and so in the program that would get one")
			}
			s := sit(t, 80, 24)
			s.find(t, "running", 0)
			tt.end(t, s)
			s.leaves(t, tt.status)
		})
	}
}

// Whoever closes the terminal gets the report and the log of what was done, as with TERM; nohup and its like prevent that.
func TestClosingTheTerminalEndsARunInOrder(t *testing.T) {
	t.Parallel()
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("hangups are ignored here, as under nohup, and so in the program that would get one")
	}
	report, log := filepath.Join(t.TempDir(), "report.json"), filepath.Join(t.TempDir(), "log.ndjson")
	s := sit(t, 80, 24, "--report", report, "--log", log)
	s.find(t, "left  plan 0:", 0)
	if err := s.master.Close(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	if got := s.cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("it ended with %v, want status %d", s.cmd.ProcessState, exitInterrupted)
	}
	got := readReport(t, report)
	rows, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(rows, []byte("\n")); got.Total.Accepted == 0 || uint64(n) != got.Total.Attempts+got.Total.Undelivered || got.Total.Matched != got.Total.Accepted+got.Total.Undelivered {
		t.Errorf("the log has %d rows, want one for each of %d attempts, and for what was not delivered; %d wanted, %d accepted, %d undelivered; want all accounted for",
			n, got.Total.Attempts, got.Total.Matched, got.Total.Accepted, got.Total.Undelivered)
	}
}

func (s *seated) signal(t *testing.T, number syscall.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(number); err != nil {
		t.Fatal(err)
	}
}

// ctrl-Z gives the terminal back until the program goes on.
func TestSuspending(t *testing.T) {
	t.Parallel()
	s := sit(t, 80, 24)
	_, at := s.find(t, "left  plan 0:", 0) // it has begun
	s.press(t, "\x1a")
	leaving := regexp.QuoteMeta(leaveScreen)
	entering := regexp.QuoteMeta(enterScreen)
	_, at = s.find(t, leaving, at)
	_, at = s.find(t, entering+"(?s:.*)running", at) // nobody can stop it here, so it comes back
	s.press(t, "*")
	s.find(t, "speed 40", at)
	s.press(t, "q")
	s.leaves(t, exitInterrupted)
}

// A drawing is no wider than the terminal, also after that became narrower.
func TestTheScreenFollowsTheSize(t *testing.T) {
	t.Parallel()
	s := sit(t, 120, 30)
	_, at := s.find(t, "speed 20  running", 0)
	s.resize(t, 30, 10)
	frame := regexp.QuoteMeta(beginFrame) + "(?s:(.*?))" + regexp.QuoteMeta(endFrame)
	for width, tries := 120, 0; width > 30; tries++ {
		var found []string
		found, at = s.find(t, frame, at)
		lines := strings.Split(strings.NewReplacer(endLine, "", "\r", "").Replace(found[1]), "\n")
		width = 0
		for _, l := range lines {
			width = max(width, utf8.RuneCountInString(l))
		}
		if width <= 30 && len(lines) > 10 {
			t.Errorf("a frame has %d lines, want at most 10", len(lines))
		}
		if tries > 20 {
			t.Fatal("the screen never becomes narrower")
		}
	}
	s.press(t, "q")
	s.leaves(t, exitInterrupted)
}

// Under nohup a run goes on when the terminal is closed.
func TestIgnoredHangupsEndNothing(t *testing.T) {
	t.Parallel()
	running := make(chan int, 1)
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		once.Do(func() { // in the first of its notifications
			if err := syscall.Kill(<-running, syscall.SIGHUP); err != nil {
				t.Error(err)
			}
		})
	}))
	defer server.Close()
	cmd := exec.Command("sh", "-c", "trap '' HUP; exec ringback run inbound-call --speed max --to "+server.URL)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	running <- cmd.Process.Pid
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "passed") {
		t.Errorf("it ended with %v, want that it passes:\n%s", err, &out)
	}
}
