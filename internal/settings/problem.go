package settings

import "strings"

// Field names a setting as JSON has it. The command line may have another name for it.
type Field string

// The fields that problems name.
const (
	Versions      Field = "versions"
	Count         Field = "count"
	Calls         Field = "calls"
	Events        Field = "events"
	Population    Field = "population"
	For           Field = "for"
	Lag           Field = "lag"
	Faults        Field = "faults"
	Assume        Field = "assume"
	Agents        Field = "agents"
	AgentPatience Field = "agent_patience"
)

// Problem says what is wrong with a setting, and which settings would cure it. It names
// them by field, so that a caller can name them as its users do.
type Problem struct {
	Field  Field
	Reason string
	Cure   string  // such as "add"; empty: the reason says it all
	With   []Field // what to add, any one of them
}

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
	return p.Reason + "; " + p.Cure + " " + strings.Join(with, " or ")
}
