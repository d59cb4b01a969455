package source

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/ringback/ringback/internal/nearest"
)

// Param is a value that stands for $name.
type Param struct {
	Name  string
	Value string
	Text  bool   // it stays a text where it looks like a number
	None  bool   // nothing gave it a value, which is a problem of its own
	From  string // where the value was given, for people
	Used  bool   // set by Fill
}

// use is a parameter at a place.
type use struct {
	Pos
	*Param
}

var (
	wholeForm  = regexp.MustCompile(`^\$(?:([A-Za-z][A-Za-z0-9_-]*)|\{([A-Za-z][A-Za-z0-9_-]*)\})$`)
	insideForm = regexp.MustCompile(`\$\$|\$\{([A-Za-z][A-Za-z0-9_-]*)\}|\$([A-Za-z][A-Za-z0-9_-]*)`)
)

// Quoted reports whether a scalar is written in a way that makes it a text.
func Quoted(n *Node) bool {
	const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Style&quoted != 0
}

// Fill puts values for the $name and ${name} in the scalars of n and below it; $$ becomes a
// dollar. Keys stay as they are, and so does what was put in: it is not read again. Problems
// of a value say from now on which parameter it is, and where that was given.
func (f *File) Fill(n *Node, params []*Param) {
	if f.uses == nil {
		f.params, f.uses, f.muted = params, map[use]bool{}, map[Pos]bool{}
	}
	f.fill(n, nil)
}

// fill does so; above are the keys, the mappings and the item that the scalars of n stand behind.
func (f *File) fill(n *Node, above []Pos) {
	switch n.Kind {
	case yaml.MappingNode:
		above = append(above[:len(above):len(above)], Of(n))
		for i := 0; i+1 < len(n.Content); i += 2 {
			f.key(n.Content[i])
			f.fill(n.Content[i+1], append(above[:len(above):len(above)], Of(n.Content[i])))
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			f.fill(item, []Pos{Of(item)})
		}
	case yaml.ScalarNode:
		if strings.Contains(n.Value, "$") {
			f.fillScalar(n, above)
		}
	}
}

// key refuses a parameter in the place of a key.
func (f *File) key(n *Node) {
	for _, p := range f.params {
		if n.Value == "$"+p.Name || n.Value == "${"+p.Name+"}" {
			f.Errorf(Of(n), "%s is a key; a parameter stands for a value", n.Value).Hint = "write the key itself"
			p.Used, f.muted[Of(n)] = true, true
		}
	}
}

func (f *File) fillScalar(n *Node, above []Pos) {
	before := len(n.Value)
	if m := wholeForm.FindStringSubmatch(n.Value); m == nil {
		n.Value = f.inside(n, above)
	} else if p := f.param(n, m[1]+m[2], above); p != nil {
		if n.Value = p.Value; p.Text && !Quoted(n) {
			n.Style |= yaml.DoubleQuotedStyle
		}
	}
	if f.grown += len(n.Value) - before; f.grown > MaxSize {
		f.Errorf(Of(n), "the file is too large with the values of its parameters; they may add at most %d bytes", MaxSize)
		n.Value, f.muted[Of(n)] = "", true
	}
	n.Tag = "!!str"
	if !Quoted(n) && (n.Value == "null" || n.Value == "~") {
		n.Tag = "!!null" // as if it were written there
	}
}

// inside fills a text that has more in it than one parameter.
func (f *File) inside(n *Node, above []Pos) string {
	var b strings.Builder
	end := 0
	for _, m := range insideForm.FindAllStringSubmatchIndex(n.Value, -1) {
		b.WriteString(n.Value[end:m[0]])
		end = m[1]
		all := n.Value[m[0]:m[1]]
		switch {
		case all == "$$":
			all = "$"
		case m[2] < 0:
			f.bare(n, all)
		default:
			if p := f.param(n, n.Value[m[2]:m[3]], above); p != nil {
				all = p.Value
			}
		}
		b.WriteString(all)
		if b.Len() > 2*MaxSize {
			break // it is refused
		}
	}
	return b.String() + n.Value[end:]
}

// param finds a parameter and notes where it is used. A name that begins with a capital
// letter is a variable of somebody else's, such as $HOME, unless only its case is wrong.
func (f *File) param(n *Node, name string, above []Pos) *Param {
	at := Of(n)
	for _, p := range f.params {
		if p.Name != name {
			continue
		}
		p.Used = true
		for _, key := range above {
			if _, known := f.uses[use{key, p}]; !known {
				f.uses[use{key, p}] = false
			}
		}
		f.uses[use{at, p}] = true
		f.muted[at] = f.muted[at] || p.None
		return p
	}
	if name[0] >= 'a' || slices.ContainsFunc(f.params, func(p *Param) bool { return strings.EqualFold(p.Name, name) }) {
		f.stranger(at, name)
	}
	return nil
}

// stranger refuses a parameter that is not declared, and keeps the place from being refused
// for what stands there instead of a value.
func (f *File) stranger(at Pos, name string) {
	f.muted[at] = false
	known := nearest.Names(f.params, func(p *Param) string { return p.Name })
	problem := f.Errorf(at, "unknown parameter $%s%s", name, nearest.DidYouMean(name, known))
	f.muted[at] = true
	if problem.Hint = "known parameters: " + strings.Join(known, ", "); len(known) == 0 {
		problem.Hint = "declare it at the top of the file: params: {" + strings.ToLower(name) + ": …}"
	}
	problem.Hint += "; for a text with a dollar write $$"
}

// bare refuses a parameter that stands inside a text as it does alone.
func (f *File) bare(n *Node, text string) {
	if slices.ContainsFunc(f.params, func(p *Param) bool { return "$"+p.Name == text }) {
		f.Errorf(Of(n), "%s stands inside a text; want ${%s}", text, text[1:]).Hint = "for the text itself write $" + text
	}
}

// unfilled is a value in a problem that looks like a parameter.
var unfilled = regexp.MustCompile(`"\$\{?[a-z]`)

// Unfilled says of the values that look like parameters in a file without Fill why they are none.
func (f *File) Unfilled(why string) { f.unfilled = "; " + why }

// Given names the parameters whose values do not come from the file. Problems from here on
// that belong to no single value may be due to them, and name them.
func (f *File) Given() {
	const most = 3
	for _, p := range f.params {
		if !strings.HasPrefix(p.From, "line ") && len(f.given) < most {
			f.given = append(f.given, "$"+p.Name+" from "+p.From)
		}
	}
}

// origin says which parameters a problem is about, and where their values were given.
func (f *File) origin(at Pos, what string) string {
	var all []string
	for _, p := range f.params {
		if exact, used := f.uses[use{at, p}]; exact || used && mentions(what, p.Value) {
			all = append(all, "$"+p.Name+" is from "+p.From)
		}
	}
	switch {
	case all != nil:
		return "; " + strings.Join(all, ", ")
	case f.given != nil:
		return "; with " + strings.Join(f.given, ", ")
	case unfilled.MatchString(what):
		return f.unfilled
	}
	return ""
}

// mentions reports whether a value stands in a text as a word of its own.
func mentions(text, value string) bool {
	part := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for before, rest, found := strings.Cut(text, value); found && value != ""; before, rest, found = strings.Cut(rest, value) {
		last, _ := utf8.DecodeLastRuneInString(before)
		first, _ := utf8.DecodeRuneInString(rest)
		if !part(last) && !part(first) {
			return true
		}
	}
	return false
}
