package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// load reads the scenarios that a user names: ready-made ones, paths, or "-".
func (p *program) load(args []string) ([]*scenario.Scenario, error) {
	var all []*scenario.Scenario
	var faults scenario.Faults
	for _, arg := range args {
		name, text, err := p.read(arg)
		if err != nil {
			return nil, &statusError{exitUsage, err}
		}
		doc, err := scenario.ParseDocument(name, text)
		var fs scenario.Faults
		switch {
		case errors.As(err, &fs):
			faults = append(faults, fs...)
		case err != nil:
			return nil, err
		case doc.Workload != nil:
			return nil, usage("%s is a workload, which cannot be played yet; name the scenarios of its mix instead", arg)
		default:
			all = append(all, doc.Scenario)
		}
	}
	if faults != nil {
		return nil, &statusError{exitScenario, faults}
	}
	return all, nil
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

// readFile reads a scenario file, but no more of it than a scenario may have.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, source.MaxSize+1))
	return text, reason(err)
}

// reason is an error about a file without the name of the system call.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}
