package ask

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/show"
)

// byCommand asks with a command.
type byCommand struct {
	words   []string
	timeout time.Duration
}

// ByCommand asks by running a command, whose words have the Placeholder in them and are read by no
// shell. What it writes to standard output is the state; nothing, with exit status 0, means that the
// conversation is not known. It runs for at most timeout; 0 means 10 s.
func ByCommand(words []string, timeout time.Duration) (Way, error) {
	if len(words) == 0 {
		return nil, errors.New("the command of the state is empty")
	}
	if err := checkPlaceholder(words[1:]...); err != nil {
		return nil, errors.New("the command of the state cannot be used: " + err.Error())
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return nil, errors.New("the command of the state cannot be run: " + err.Error())
	}
	if timeout == 0 {
		timeout = emitter.DefaultTimeout
	}
	return &byCommand{words, timeout}, nil
}

// Close does nothing.
func (c *byCommand) Close() error { return nil }

// Ask runs the command once.
func (c *byCommand) Ask(ctx context.Context, conversation string) (*trial.State, error) {
	words := make([]string, len(c.words))
	for i, word := range c.words {
		words[i] = strings.ReplaceAll(word, Placeholder, conversation)
	}
	bound, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	cmd := exec.CommandContext(bound, words[0], words[1:]...)
	cmd.WaitDelay = time.Second // a process that it started may hold the pipes
	out, messages := &bounded{most: maxBody}, &bounded{most: 1 << 12}
	cmd.Stdout, cmd.Stderr = out, messages
	err := cmd.Run()
	name := show.Line(c.words[0], maxText)
	switch {
	case bound.Err() != nil:
		return nil, passing(ctx, context.DeadlineExceeded, "no state: %s did not end within %v", name, c.timeout)
	case err != nil:
		line, _, _ := strings.Cut(strings.TrimSpace(messages.kept.String()), "\n")
		if line != "" {
			line = ": " + line
		}
		return nil, passing(ctx, err, "no state: %s: %v%s", name, err, line)
	case out.more:
		return nil, lasting("the state has more than 4 MiB")
	case len(bytes.TrimSpace(out.kept.Bytes())) == 0:
		return nil, nil
	}
	return Parse(out.kept.Bytes())
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	kept bytes.Buffer // not embedded: it would be written to past Write
	most int
	more bool
}

// Write takes all of it.
func (b *bounded) Write(p []byte) (int, error) {
	keep := p[:min(len(p), b.most-b.kept.Len())]
	b.more = b.more || len(keep) < len(p)
	b.kept.Write(keep)
	return len(p), nil
}
