package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/textfile"
)

// killer kills the consumer, and starts it again.
type killer struct {
	pid     string   // a number, or the name of a file that holds one; "": the command kills
	restart []string // the command; empty: somebody else starts the consumer again
	killed  int      // the process that was killed last

	secrets *redact.Secrets // what the command's output must not show

	foreground time.Duration // how long a command may run before it is taken for the consumer itself; 0: as usual
}

// newKiller is nil if the consumer is not to be killed.
func newKiller(pid, restart string) (*killer, error) {
	if pid == "" && restart == "" {
		return nil, nil
	}
	k := &killer{pid: pid, restart: strings.Fields(restart)}
	if restart != "" && len(k.restart) == 0 {
		return nil, usage("--restart: the command is empty")
	}
	return k, nil
}

// check makes sure that there is something to kill, and to start.
func (k *killer) check() error {
	if k == nil {
		return nil
	}
	if len(k.restart) > 0 {
		if _, err := exec.LookPath(k.restart[0]); err != nil {
			return usage("--restart: %w", err)
		}
	}
	if k.pid == "" {
		return nil
	}
	p, err := k.process()
	if err == nil && runtime.GOOS != "windows" && p.Signal(syscall.Signal(0)) != nil {
		err = fmt.Errorf("there is no process %d", p.Pid)
	}
	if err != nil {
		return usage("--pid: %w", err)
	}
	return nil
}

// process is the one to kill.
func (k *killer) process() (*os.Process, error) {
	text, in := k.pid, ""
	if _, err := strconv.Atoi(text); err != nil {
		const most = 1 << 10
		content, err := textfile.ReadFile(k.pid, most)
		if err != nil {
			return nil, err
		}
		text, in = strings.TrimSpace(string(content)), k.pid+": "
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%swant the number of a process, got %q", in, show.Clip(text, 40))
	case n <= 1 || n == os.Getpid():
		return nil, fmt.Errorf("%sthe process %d is not a consumer", in, n)
	}
	return os.FindProcess(n)
}

// kill kills the consumer in this moment, and starts it again.
func (k *killer) kill(ctx context.Context) error {
	if k.pid != "" {
		p, err := k.next(ctx)
		if err != nil {
			return fmt.Errorf("--pid: %w", err)
		}
		if err := p.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) { // it may have ended by itself
			return fmt.Errorf("--pid: the process %d was not killed: %w", p.Pid, err)
		}
		k.killed = p.Pid
		if err := gone(ctx, p); err != nil {
			return fmt.Errorf("--pid: %w", err)
		}
	}
	if len(k.restart) == 0 {
		return nil
	}
	if err := k.start(ctx); err != nil {
		return fmt.Errorf("--restart: %w", err)
	}
	return nil
}

// gone waits until a process that was killed has left its port: what is started earlier could not listen, and what connects
// would reach the one that dies. A process that waits for its parent to take note of its end has left it.
func gone(ctx context.Context, p *os.Process) error {
	for end := time.Now().Add(goneWithin); runtime.GOOS != "windows" && p.Signal(syscall.Signal(0)) == nil; {
		if zombie(p.Pid) {
			return nil
		}
		if time.Now().After(end) {
			return nil // where zombies cannot be told from others
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// zombie reports whether only the number of a process is left. While one of its threads still ends, it holds its port.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z") && err == nil && len(threads) <= 1
}

// goneWithin is how long a process that was killed may take to end.
const goneWithin = 5 * time.Second

// start runs the command. A process that was killed a moment ago may still hold its port, and the command fails then:
// it is tried again for a while.
func (k *killer) start(ctx context.Context) error {
	if k.pid == "" {
		return k.execute(ctx, 0)
	}
	for end := time.Now().Add(portWithin); ; {
		err := k.execute(ctx, cmp.Or(k.foreground, foreground))
		if err == nil || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// portWithin is how long a process that was killed may take to leave its port.
const portWithin = 2 * time.Second

// foreground is how long a command that starts the consumer may run before it is taken for the consumer itself.
const foreground = 300 * time.Millisecond

// pidWithin is how long a consumer that listens again may take to write down its new number.
const pidWithin = 5 * time.Second

// next is the process to kill, which is another one after each restart.
func (k *killer) next(ctx context.Context) (*os.Process, error) {
	for end := time.Now().Add(pidWithin); ; {
		p, err := k.process()
		_, err2 := strconv.Atoi(k.pid)
		fixed := err2 == nil
		switch {
		case err == nil && p.Pid != k.killed:
			return p, nil
		case fixed:
			return nil, fmt.Errorf("the process %s has been killed already, and the consumer has another number by now; pass the name of a file to which it writes its number", k.pid)
		case time.Now().After(end) && err != nil:
			return nil, err
		case time.Now().After(end):
			return nil, fmt.Errorf("%s still has the number of the process that was killed, %d", k.pid, k.killed)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// execute runs a command until it ends, or with a limit until it has run for so long, and goes on then. The error
// holds the first line of its output.
func (k *killer) execute(ctx context.Context, limit time.Duration) error {
	words := k.restart
	said, err := os.CreateTemp("", "ringback-restart-*") // not a pipe: the consumer may go on when this program has ended
	if err != nil {
		return show.FileError(err)
	}
	defer os.Remove(said.Name())
	defer said.Close()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var late <-chan time.Time
	if limit > 0 {
		late = time.After(limit)
	}
	select {
	case err = <-ended:
	case <-late:
		return nil
	case <-ctx.Done():
		_ = cmd.Process.Kill()
		<-ended
		return ctx.Err()
	}
	if err == nil {
		return nil
	}
	text, _ := os.ReadFile(said.Name())
	firstLine, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return fmt.Errorf("%s: %w %s", words[0], err, show.Line(k.secrets.Text(firstLine), 200))
}
