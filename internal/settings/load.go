package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/textfile"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// Loader finds what users name: ready-made scenarios and workloads, and files of their own.
type Loader struct {
	In  io.Reader        // of "-"
	Set []scenario.Param // of parameters
}

// values are those of parameters: only where a file says so, they come from the environment.
func (l Loader) values() scenario.Values {
	return scenario.Values{Set: l.Set, Variable: os.LookupEnv}
}

// Parse reads and checks a text that has no name of its own.
func (l Loader) Parse(name string, text []byte) (scenario.Document, error) {
	return l.values().ParseDocument(name, text)
}

// Check refuses settings of parameters that none of the scenarios has, as a *Problem.
func (l Loader) Check(scenarios ...*scenario.Scenario) error {
	return wrong(Set, l.values().Check(scenarios...))
}

// Load reads scenarios, or one workload, each a ready-made one, a path, or "-". Problems of
// all files are scenario.Problems; a setting of a parameter that none has is a *Problem.
func (l Loader) Load(args []string) (*Traffic, error) {
	t := &Traffic{}
	var problems scenario.Problems
	for _, arg := range args {
		doc, err := l.Document(arg)
		var fs scenario.Problems
		switch {
		case errors.As(err, &fs):
			problems = append(problems, fs...)
		case err != nil:
			return nil, err
		case doc.Workload == nil:
			t.Scenarios = append(t.Scenarios, doc.Scenario)
		case len(args) > 1:
			return nil, fmt.Errorf("%s is a workload, which is played alone; leave out the others, or add them to its mix", arg)
		default:
			t = TrafficOf(doc)
		}
	}
	if problems != nil {
		return nil, problems
	}
	return t, l.Check(t.Scenarios...)
}

// Document reads and checks what one argument stands for, with all that a workload names.
// Problems of files are scenario.Problems.
func (l Loader) Document(arg string) (doc scenario.Document, err error) {
	name, text, err := l.read(arg)
	if err != nil {
		return doc, err
	}
	if doc, err = l.values().ParseDocument(name, text); err == nil && doc.Workload != nil {
		err = doc.Workload.Resolve(beside(arg))
	}
	return doc, err
}

// beside gives a workload the files that it names: those in its folder and below it. Other
// files are for the user to name, since a workload may be somebody else's.
func beside(arg string) scenario.Files {
	folder := filepath.Dir(arg)
	if arg != "-" && !IsPath(arg) {
		folder = ""
	}
	open := func(path string, most int) (string, []byte, error) {
		if folder == "" {
			return "", nil, fmt.Errorf("a ready-made workload cannot name the file %q", path)
		}
		local := filepath.FromSlash(path)
		if !filepath.IsLocal(local) {
			return "", nil, fmt.Errorf("%q is outside the workload's folder; move the file into it", path)
		}
		name := filepath.Join(folder, local)
		file, err := openRegular(folder, local)
		if err != nil {
			var pe *fs.PathError
			if errors.As(err, &pe) {
				err = pe.Err
			}
			return "", nil, fmt.Errorf("%s: %w", name, err)
		}
		defer file.Close()
		text, err := textfile.Read(file, most)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return name, text, err
	}
	return scenario.Files{Table: open, Story: func(story string) (string, []byte, error) {
		if IsPath(story) {
			return open(story, source.MaxSize)
		}
		text, err := scenarios.Source(story)
		return story + ".yaml", text, err
	}}
}

// openRegular opens a file in a folder or below it. A pipe could let its reader wait for ever.
func openRegular(folder, local string) (*os.File, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if info, err := root.Stat(local); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, errors.New("want a file, not a pipe or a device")
	}
	return root.Open(local)
}

// read finds the text that an argument stands for, and the name that it has in errors.
func (l Loader) read(arg string) (name string, text []byte, err error) {
	if arg == "-" {
		if text, err = textfile.Read(l.In, source.MaxSize); err != nil {
			err = fmt.Errorf("standard input: %w", err)
		}
		return "standard input", text, err
	}
	if !IsPath(arg) {
		text, err = scenarios.Source(arg)
		return arg + ".yaml", text, err
	}
	if text, err = textfile.ReadFile(arg, source.MaxSize); errors.Is(err, fs.ErrNotExist) {
		name := strings.TrimSuffix(filepath.Base(arg), filepath.Ext(arg))
		known := nearest.Names(scenarios.List(), func(e scenarios.Entry) string { return e.Name })
		if near := nearest.Word(name, known); near != "" {
			err = fmt.Errorf("%w (did you mean the ready-made scenario %q?)", err, near)
		}
	}
	return arg, text, err
}

// IsPath reports whether an argument is a path, not the name of a ready-made scenario.
func IsPath(arg string) bool {
	return strings.ContainsAny(arg, `/\`) || filepath.Ext(arg) != ""
}
