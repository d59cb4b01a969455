// Package ask asks a consumer for its state.
//
// Identifiers of conversations come in; what the consumer tells of each goes out, or why it tells
// nothing. A consumer may tell it as JSON, over HTTP or by a command, or as the rows of a query. The
// package promises that a state of another form is refused with the place and what was wanted there,
// that members it does not know are named, and that everything is bounded and ends with its context. It
// never judges a state.
package ask

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/show"
)

// Placeholder stands for the identifier of the conversation, in URLs and in the words of commands.
const Placeholder = "{conversationId}"

// Way is a way to be told the state of conversations. It is safe for concurrent use.
type Way interface {
	// Ask returns the state of a conversation; nil if the consumer does not know it. Its errors are
	// *Problem, but for that of ctx.
	Ask(ctx context.Context, conversation string) (*trial.State, error)

	// Close ends all connections.
	Close() error
}

// Problem is why there is no state.
type Problem struct {
	Text    string // one line, without secrets
	Lasting bool   // asking again does not help: another form, another page, no permission
	Err     error  // what is below it; nil if there is nothing
}

// Error is the text.
func (p *Problem) Error() string { return p.Text }

// Unwrap is what is below it.
func (p *Problem) Unwrap() error { return p.Err }

// Secrets is what nothing may show that a consumer tells elsewhere than in its answers.
func Secrets(t *emitter.Target) *redact.Secrets {
	sent := redact.Sent{Name: t.Name, URL: t.URL, Header: t.Header, Keys: [][]byte{t.Secret, t.NextSecret}, Other: t.Hide}
	return sent.Secrets()
}

// discreet takes what is secret out of the text of a problem, and makes it as short as it is shown: not before, since the rest of a
// secret tells nobody what it is of.
func discreet(secrets *redact.Secrets, err error) error {
	problem, is := errors.AsType[*Problem](err)
	if !is {
		return err
	}
	shown := *problem
	shown.Text = show.Line(secrets.Sentence(problem.Text), 2*maxText)
	return &shown
}

// discreetly takes what is secret out of the words of a state that are none of ours. What is compared stays as it is.
func discreetly(secrets *redact.Secrets, s *trial.State) {
	if s == nil {
		return
	}
	for i, name := range s.Unknown {
		s.Unknown[i] = secrets.Text(name)
	}
	for aspect, text := range s.Missed {
		s.Missed[aspect] = secrets.Sentence(text)
	}
	for _, texts := range s.Strange {
		for i, text := range texts {
			texts[i] = secrets.Sentence(text)
		}
	}
}

// The most that is read, and shown.
const (
	maxBody = 4 << 20 // bytes of a state
	maxText = 200     // characters of a text of the consumer's
)

// lasting is a problem that stays.
func lasting(format string, args ...any) *Problem {
	return &Problem{Text: show.Line(fmt.Sprintf(format, args...), redact.MaxText), Lasting: true}
}

// passing is a problem that may be over soon. An ended context is none.
func passing(ctx context.Context, err error, format string, args ...any) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &Problem{Text: show.Line(fmt.Sprintf(format, args...), redact.MaxText), Err: err}
}

// checkPlaceholder finds a text that asks for the same conversation always.
func checkPlaceholder(texts ...string) error {
	for _, text := range texts {
		if strings.Contains(text, Placeholder) {
			return nil
		}
	}
	return fmt.Errorf("it has no %s in it: that stands for the conversation that is asked for", Placeholder)
}
