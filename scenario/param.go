package scenario

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/source"
)

// Bounds on parameters.
const (
	maxParams = 100   // of one scenario
	maxValue  = 1_000 // bytes of a value
)

// Param is a parameter and its value. A scenario declares it; a workload or a run sets it, by
// Name, Value and From alone.
type Param struct {
	Pos      Pos // the zero value where no file has it
	Name     string
	Variable string // the environment variable that gives the value; "" means none
	Default  string // as it is written in the file; "" means none
	Value    string // what stands for $name
	From     string // where the value was given, for people: line 3, --set …
	Given    bool   // neither the scenario nor a workload has the value: it is the caller's, or a variable's

	text bool // a workload has the value in quotes
}

// Values says where the values of parameters come from, before their defaults.
type Values struct {
	Set      []Param                                    // later ones take precedence; names that a scenario does not declare are for the caller to refuse
	Variable func(name string) (value string, set bool) // of the environment; nil: the file must do without
}

// Check refuses settings of parameters that none of the scenarios has.
func (v Values) Check(scenarios ...*Scenario) error {
	var names []string
	for _, s := range v.Set {
		names = append(names, s.Name)
	}
	return strangers(names, scenarios...)
}

// strangers is an error about names that no parameter of the scenarios has, or nil.
func strangers(names []string, scenarios ...*Scenario) error {
	const most = 5
	var known, unknown []string
	for _, sc := range scenarios {
		for _, p := range sc.Params {
			if !slices.Contains(known, p.Name) {
				known = append(known, p.Name)
			}
		}
	}
	for _, name := range names {
		if len(unknown) == most || slices.Contains(known, name) {
			continue
		}
		name = show.Clip(name, 64)
		unknown = append(unknown, strconv.Quote(name)+nearest.DidYouMean(name, known))
	}
	what := "parameter "
	if len(unknown) > 1 {
		what = "parameters "
	}
	switch {
	case unknown == nil:
		return nil
	case known == nil:
		return fmt.Errorf("unknown %s%s: there are none", what, strings.Join(unknown, ", "))
	}
	return fmt.Errorf("unknown %s%s; known parameters: %s", what, strings.Join(unknown, ", "), strings.Join(known, ", "))
}

var (
	paramForm    = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

func (p *parser) paramName(what string, n *source.Node) string {
	return lawful(p, what, "a name of lower-case letters, digits and hyphens, at most 64, with a letter first", n, func(text string) (string, bool) {
		return text, len(text) <= 64 && paramForm.MatchString(text)
	})
}

func (p *parser) variable(what string, n *source.Node) string {
	return lawful(p, what, "the name of an environment variable", n, func(text string) (string, bool) {
		return text, len(text) <= 256 && variableForm.MatchString(text)
	})
}

// paramFields are the keys of a parameter that is no value by itself.
var paramFields = []field[Param]{
	{"env", shapeVariable, true, "the environment variable that gives the value", func(p *Param) any { return &p.Variable }},
	{"default", shapeText, false, "the value where the variable is not set, or is empty", func(p *Param) any { return &p.Default }},
}

// params reads the parameters, and puts their values where the scenario uses them.
func (p *parser) params(root *source.Node) (all []Param) {
	var filled []*source.Param
	if n := valueOf(root, "params"); n != nil {
		entries := p.Entries("params", n)
		if len(entries) > maxParams {
			p.Errorf(source.Of(n), "params: want at most %d, got %d", maxParams, len(entries))
			entries = entries[:maxParams]
		}
		for _, e := range entries {
			param := Param{Pos: source.Of(e.Key), Name: show.Clip(e.Key.Value, 64)}
			f := p.param(&param, e.Value)
			f.Used = p.paramName("params", e.Key) == "" // which is enough to say
			filled, all = append(filled, f), append(all, param)
		}
	}
	for _, section := range []string{"story", "agents", "assume", "faults", "gates", "steps", "expect"} {
		if n := valueOf(root, section); n != nil {
			p.Fill(n, filled)
		}
	}
	for i, param := range all {
		if !filled[i].Used {
			p.Errorf(param.Pos, "params: %s is never used", param.Name).Hint = "write $" + param.Name + " where its value belongs, or take it out"
		}
	}
	return all
}

// param reads the value of a parameter, or finds the one that was given instead.
func (p *parser) param(param *Param, n *source.Node) *source.Param {
	what, written := "parameter "+param.Name, n
	if p.hasKey(n, "env") {
		parseFields(p, what, n, param, paramFields)
		written = valueOf(n, "default")
	} else {
		param.Default, _ = p.Scalar(what, "a value, or {env: NAME, default: VALUE}", n)
	}
	filled := &source.Param{Name: param.Name, Text: written != nil && source.Quoted(written)}
	if written != nil {
		param.Value, param.From = param.Default, fmt.Sprint("line ", written.Line)
	}
	if v := p.values.Variable; v != nil && param.Variable != "" {
		if value, _ := v(param.Variable); value != "" {
			param.Value, param.From, param.Given = value, "the variable "+param.Variable, true
		}
	}
	for _, s := range p.values.Set {
		if s.Name == param.Name {
			param.Value, param.From, param.Given = s.Value, cmp.Or(s.From, "the caller"), s.Pos == Pos{}
			filled.Text = filled.Text || s.text
		}
	}
	unfit := p.unfit(what, param)
	if unfit {
		param.Value = ""
	}
	filled.Value, filled.From = param.Value, param.From
	filled.None = unfit || param.From == "" || param.Value == "" && written != nil && param.Default == ""
	return filled
}

// unfit reports whether there is no value, or one that no file could have.
func (p *parser) unfit(what string, param *Param) bool {
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' }
	switch {
	case param.From == "" && param.Variable == "":
		return true // which is said already
	case param.From == "":
		problem := p.Errorf(param.Pos, "%s: the variable %s is not set", what, param.Variable)
		if problem.Hint = "set it"; p.values.Variable == nil {
			problem.What = fmt.Sprintf("%s: the variable %s is not read here", what, param.Variable)
			problem.Hint = "give the parameter a value"
		}
		problem.Hint += ", or write a default: " + param.Name + ": {env: " + param.Variable + ", default: …}"
	case len(param.Value) > maxValue:
		p.Errorf(param.Pos, "%s: the value from %s has %d bytes, want at most %d", what, param.From, len(param.Value), maxValue)
	case !utf8.ValidString(param.Value) || strings.ContainsFunc(param.Value, control):
		p.Errorf(param.Pos, "%s: the value from %s has a character that is not allowed: %q", what, param.From, param.Value)
	default:
		return false
	}
	return true
}

// ParseDocument reads and checks a scenario or a workload, with values for the parameters;
// what has a mix is a workload. The name stands in errors and need not be a file's. An error
// contains Problems.
func (v Values) ParseDocument(name string, text []byte) (Document, error) {
	f, root := source.Open(name, text)
	if root == nil {
		return Document{}, f.Err()
	}
	p := &parser{File: f, words: words, values: v}
	var doc Document
	if p.hasKey(root, "mix") {
		doc.Workload = p.workload(root)
	} else {
		doc.Scenario = p.scenario(root)
	}
	if err := f.Err(); err != nil {
		return Document{}, err
	}
	return doc, nil
}

// settings reads what a workload sets.
func (p *parser) settings(what string, n *source.Node) (all []Param) {
	for _, e := range p.Entries(what, n) {
		s := Param{Name: p.paramName(what, e.Key), Pos: source.Of(e.Key), text: source.Quoted(e.Value)}
		s.From = fmt.Sprintf("%s:%d:%d", p.Name(), e.Value.Line, e.Value.Column)
		s.Value, _ = p.Scalar(what+": "+s.Name, "a value", e.Value)
		all = append(all, s)
	}
	return all
}

// misset refuses what the workload sets though none of the scenarios has such a parameter.
func (r *resolving) misset(set []Param, scenarios ...*Scenario) {
	for _, s := range set {
		if err := strangers([]string{s.Name}, scenarios...); err != nil {
			r.Errorf(s.Pos, "set: %v", err)
		}
	}
}
