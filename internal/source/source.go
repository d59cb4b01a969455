// Package source reads YAML text as nodes with places, and CSV text as cells with places.
//
// A file's name and text come in; its nodes or rows, and a list of everything that is wrong, each
// with line, column, the line itself and a hint, come out. It promises that all problems
// are kept and sorted, and that aliases, second documents, duplicate keys and empty files
// are problems. It never decodes into Go values, because that turns 1.5 into 1 and 0150
// into 104.
package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"gopkg.in/yaml.v3"
)

// MaxSize is the most bytes that a file may have.
const MaxSize = 1 << 20

// mostProblems is the most problems that are listed.
const mostProblems = 500

// maxDepth bounds how deep mappings and lists may be nested.
const maxDepth = 100

// Node is a YAML node; its Line and Column count from 1, columns in characters.
type Node = yaml.Node

// Pos is a place in a file, counted from 1.
type Pos struct{ Line, Column int }

// Of is the place of a node.
func Of(n *Node) Pos { return Pos{n.Line, n.Column} }

// File is one text under examination.
type File struct {
	name     string
	lines    []string
	problems Problems

	// What Fill and Given found.
	params []*Param
	uses   map[use]bool // false: the value stands below that place, not there
	muted  map[Pos]bool // places whose problems are known already
	given  []string

	unfilled string // why values that look like parameters are none
	grown    int    // bytes
}

// Again is the same text, of which nothing is said yet.
func (f *File) Again() *File {
	g := *f
	g.problems = nil
	return &g
}

// Open parses text. The root is nil if there is nothing to go on with; the reasons are in
// File.Err, as are those of all later calls.
func Open(name string, text []byte) (f *File, root *Node) {
	f = &File{name: name}
	if len(text) > MaxSize {
		f.Errorf(Pos{1, 1}, "the file is too large; at most %d bytes are read", MaxSize)
		return f, nil
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	f.lines = lineEnd.Split(string(text), -1)
	if !f.readable() {
		return f, nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF), err == nil && (doc.Kind == 0 || isNull(&doc)):
		f.Errorf(Pos{1, 1}, "the file is empty")
		return f, nil
	case err != nil:
		f.syntax(err)
		return f, nil
	}
	var second Node
	if err := dec.Decode(&second); err == nil {
		f.Errorf(Of(&second), "a second document begins here").Hint = "one story per file: put it into a file of its own"
	} else if !errors.Is(err, io.EOF) {
		f.syntax(err)
	}
	root = doc.Content[0]
	if !f.plain(root, 0) {
		return f, nil
	}
	return f, root
}

func isNull(doc *Node) bool {
	return len(doc.Content) == 1 && doc.Content[0].Tag == "!!null" && doc.Content[0].Value == ""
}

// plain refuses aliases, anchors and extreme nesting, at the first place of each.
func (f *File) plain(n *Node, depth int) bool {
	switch {
	case depth > maxDepth:
		f.Errorf(Of(n), "nested more than %d deep", maxDepth)
		return false
	case n.Kind == yaml.AliasNode:
		f.Errorf(Of(n), aliased).Hint = hint
		return false
	case n.Anchor != "":
		f.Errorf(Of(n), "YAML anchors (&…) are not supported").Hint = hint
		return false
	}
	ok := true
	for _, c := range n.Content {
		ok = f.plain(c, depth+1) && ok
	}
	return ok
}

// Name is the name of the file, as it was given.
func (f *File) Name() string { return f.name }

// Problem makes a problem at a place without recording it.
func (f *File) Problem(at Pos, format string, args ...any) *Problem {
	problem := &Problem{File: f.name, Pos: at, What: fmt.Sprintf(format, args...)}
	if at.Line >= 1 && at.Line <= len(f.lines) {
		problem.Line = f.lines[at.Line-1]
	}
	return problem
}

// Errorf records a problem at a place and returns it, so that a hint can be added.
func (f *File) Errorf(at Pos, format string, args ...any) *Problem {
	problem := f.Problem(at, format, args...)
	if f.muted[at] {
		return problem
	}
	problem.What += f.origin(at, problem.What)
	if len(f.problems) == mostProblems {
		f.problems = append(f.problems, &Problem{File: f.name, Pos: at, What: fmt.Sprintf("more than %d problems; the others are not listed", mostProblems)})
	}
	if len(f.problems) < mostProblems {
		f.problems = append(f.problems, problem)
	}
	return problem
}

// Err is all problems so far, sorted by place, as a Problems, or nil.
func (f *File) Err() error {
	if len(f.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(f.problems, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Column, b.Column))
	})
	return f.problems
}
