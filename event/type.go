package event

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what happened, without the version: the first two parts of a type name.
type Kind uint8

// The thirteen kinds, in the order of a channel's life; see the table of event types in
// the public documentation.
const (
	Alerted Kind = iota + 1
	Connected
	ConnectionFailed
	Held
	Retrieved
	Parked
	Unparked
	Interrupted
	Resumed
	Disconnected
	WrapStarted
	Ended
	PresenceChanged
)

// Version is the generation of an event type.
type Version uint8

// V0 is the beta generation, in which "time" is the moment of sending; V1 is the later
// one, in which "time" is the moment of the event.
const (
	V0 Version = iota
	V1
)

// Type is a kind in a version, such as channel.held.v0. Its zero value is no type.
type Type struct {
	Kind    Kind
	Version Version
}

var versionNames = [...]string{V0: ".v0", V1: ".v1"}

// Kinds lists all kinds in their documented order.
func Kinds() []Kind {
	all := make([]Kind, 0, len(kinds)-1)
	for k := Alerted; int(k) < len(kinds); k++ {
		all = append(all, k)
	}
	return all
}

// Types lists all 26 types: each kind in v0, then each kind in v1.
func Types() []Type {
	var all []Type
	for v := range versionNames {
		for _, k := range Kinds() {
			all = append(all, Type{k, Version(v)})
		}
	}
	return all
}

// String is the kind's name without a version, such as "channel.held".
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kinds) {
		return fmt.Sprintf("event.Kind(%d)", uint8(k))
	}
	return kinds[k].name
}

// Agent reports whether events of this kind are about an agent and not about a channel.
func (k Kind) Agent() bool { return k == PresenceChanged }

// String is "v0" or "v1".
func (v Version) String() string {
	if int(v) >= len(versionNames) {
		return fmt.Sprintf("event.Version(%d)", uint8(v))
	}
	return versionNames[v][1:]
}

// String is the full name, such as "channel.held.v0".
func (t Type) String() string { return t.Kind.String() + "." + t.Version.String() }

// known reports whether t is one of Types.
func (t Type) known() bool {
	return t.Kind > 0 && int(t.Kind) < len(kinds) && int(t.Version) < len(versionNames)
}

// ParseType reads a full type name. An unknown name gives an error for which
// errors.Is(err, ErrUnknownType) holds.
func ParseType(name string) (Type, error) {
	for v, suffix := range versionNames {
		base, ok := strings.CutSuffix(name, suffix)
		if !ok {
			continue
		}
		if k := slices.IndexFunc(kinds[:], func(k kind) bool { return k.name == base }); k > 0 {
			return Type{Kind(k), Version(v)}, nil
		}
	}
	return Type{}, fmt.Errorf("%w: %q", ErrUnknownType, name)
}

// Match reports whether a subscription pattern selects a type name: "*" stands for any run
// of characters, dots included, and everything else for itself ("channel.*", "*.v1").
// The wildcard grammar is an assumption: the public documentation only shows "*".
func Match(pattern, name string) bool {
	head, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	if !strings.HasPrefix(name, head) {
		return false
	}
	name = name[len(head):]
	for {
		part, more, wild := strings.Cut(rest, "*")
		if !wild {
			return strings.HasSuffix(name, part)
		}
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name, rest = name[i+len(part):], more
	}
}
