package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// load reads what a user names: scenarios or one workload, each a ready-made one, a path, or
// "-". All faults of all files are told at once.
func (p *program) load(args []string) (*settings.Traffic, error) {
	t := &settings.Traffic{}
	var faults scenario.Faults
	for _, arg := range args {
		name, text, err := p.read(arg)
		if err != nil {
			return nil, &statusError{exitUsage, err}
		}
		doc, err := parse(arg, name, text)
		var fs scenario.Faults
		switch {
		case errors.As(err, &fs):
			faults = append(faults, fs...)
		case err != nil:
			return nil, err
		case doc.Workload == nil:
			t.Scenarios = append(t.Scenarios, doc.Scenario)
		case len(args) > 1:
			return nil, usage("%s is a workload, which is played alone: name nothing beside it, or add the others to its mix", arg)
		default:
			t.Workload, t.Scenarios = doc.Workload, doc.Workload.Scenarios
		}
	}
	if faults != nil {
		return nil, &statusError{exitScenario, faults}
	}
	return t, nil
}

// parse parses and checks what an argument stands for, with all that a workload names.
func parse(arg, name string, text []byte) (scenario.Document, error) {
	doc, err := scenario.ParseDocument(name, text)
	if err == nil && doc.Workload != nil {
		err = doc.Workload.Resolve(beside(arg))
	}
	return doc, err
}

// beside gives a workload the files that it names: those in its folder and below it. Other
// files are for the user to name, since a workload may be somebody else's.
func beside(arg string) scenario.Files {
	folder := filepath.Dir(arg)
	if arg != "-" && !isPath(arg) {
		folder = ""
	}
	open := func(path string, most int) (string, []byte, error) {
		if folder == "" {
			return "", nil, fmt.Errorf("a ready-made workload has no file %q beside it", path)
		}
		local := filepath.FromSlash(path)
		if !filepath.IsLocal(local) {
			return "", nil, fmt.Errorf("%q leads out of the workload's folder; put the file there, or below", path)
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
		text, err := readAll(file, most)
		return name, text, err
	}
	return scenario.Files{Table: open, Story: func(story string) (string, []byte, error) {
		if isPath(story) {
			return open(story, source.MaxSize+1)
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
func (p *program) read(arg string) (name string, text []byte, err error) {
	if arg == "-" {
		text, err = io.ReadAll(io.LimitReader(p.in, source.MaxSize+1))
		return "standard input", text, err
	}
	if !isPath(arg) {
		text, err = scenarios.Source(arg)
		return arg + ".yaml", text, err
	}
	text, err = readFile(arg)
	return arg, text, err
}

// isPath tells paths from the names of ready-made scenarios.
func isPath(arg string) bool {
	return strings.ContainsAny(arg, `/\`) || filepath.Ext(arg) != ""
}

// readFile reads a file, but no more of it than a scenario may have.
func readFile(path string) ([]byte, error) { return readUpTo(path, source.MaxSize+1) }

func readUpTo(path string, most int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, show.FileError(err)
	}
	return readAll(f, most)
}

func readAll(f *os.File, most int) ([]byte, error) {
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, int64(most)))
	return text, show.FileError(err)
}
