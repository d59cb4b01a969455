package settings

import (
	"fmt"
	"strings"
)

// Field names a setting as JSON has it. The command line may have another name for it.
type Field string

// The fields that problems name.
const (
	Versions        Field = "versions"
	Seed            Field = "seed"
	Start           Field = "start"
	Count           Field = "count"
	Calls           Field = "calls"
	Events          Field = "events"
	Population      Field = "population"
	For             Field = "for"
	AtEnd           Field = "at_end"
	Lag             Field = "lag"
	Order           Field = "order"
	Agents          Field = "agents"
	AgentPatience   Field = "agent_patience"
	ConversationIDs Field = "conversation_ids"
	Shard           Field = "shard"
	Faults          Field = "faults"
	Assume          Field = "assume"
	Set             Field = "set"

	To          Field = "to"
	Targets     Field = "targets"
	Secret      Field = "secret"
	NextSecret  Field = "next_secret"
	Headers     Field = "headers"
	AllowTarget Field = "allow_target"
	CA          Field = "ca"
	Cert        Field = "cert"
	Key         Field = "key"
	Insecure    Field = "insecure"

	Speed       Field = "speed"
	Connections Field = "connections"
	Waiting     Field = "waiting"
	Timeout     Field = "timeout"
	RetryFor    Field = "retry_for"
	Patience    Field = "patience"
)

// Problem says what is wrong with a setting, and which settings would cure it. It names
// them by field, so that a caller can name them as its users do.
type Problem struct {
	Field  Field
	Reason string
	Cure   string  // such as "add %s"; empty: the reason says it all
	With   []Field // what stands for %s, any one of them
	Err    error   // the reason, if it is an error; nil: Reason
}

func problem(f Field, format string, args ...any) error {
	return &Problem{Field: f, Reason: fmt.Sprintf(format, args...)}
}

// wrong is the problem that an error means, or nil.
func wrong(f Field, err error) error {
	if err == nil {
		return nil
	}
	return &Problem{Field: f, Reason: err.Error(), Err: err}
}

// given is a field, and whether its setting was given.
type given struct {
	field Field
	is    bool
}

// fieldsOf lists the fields that were given.
func fieldsOf(all ...given) (fields []Field) {
	for _, g := range all {
		if g.is {
			fields = append(fields, g.field)
		}
	}
	return fields
}

// Unwrap is the error that is the reason.
func (p *Problem) Unwrap() error { return p.Err }

// Error names the fields as JSON does.
func (p *Problem) Error() string { return p.Text(func(f Field) string { return string(f) }) }

// Text is the problem with names of the caller's for the fields.
func (p *Problem) Text(name func(Field) string) string {
	return name(p.Field) + ": " + p.Advice(name)
}

// Advice is the problem without the name of its own field.
func (p *Problem) Advice(name func(Field) string) string {
	if p.Cure == "" {
		return p.Reason
	}
	var with []string
	for _, f := range p.With {
		with = append(with, name(f))
	}
	return p.Reason + "; " + fmt.Sprintf(p.Cure, strings.Join(with, " or "))
}
