package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ringback/ringback/internal/show"
)

// Format is a way of writing a report to a file.
type Format string

// The formats, by the extension of the file.
const (
	JSON     Format = ".json"
	JUnit    Format = ".xml"
	Markdown Format = ".md"
	HTML     Format = ".html"
)

// FormatOf is the format that the name of a file asks for.
func FormatOf(path string) (Format, error) {
	switch f := Format(strings.ToLower(filepath.Ext(path))); f {
	case JSON, JUnit, Markdown, HTML:
		return f, nil
	}
	return "", fmt.Errorf("the name of the file decides its format: want .json, .xml (JUnit), .md or .html, got %q", path)
}

// WriteAs writes the report in a format. Without details, which may be nil, JUnit and HTML
// have less to show.
func (s *Summary) WriteAs(w io.Writer, f Format, d *Details) error {
	s.clean()
	if d == nil {
		d = NewDetails(s.Scenarios)
	}
	switch f {
	case JSON:
		return s.WriteJSON(w)
	case JUnit:
		return s.writeJUnit(w, d)
	case Markdown:
		return s.writeMarkdown(w, d)
	case HTML:
		return s.writeHTML(w, d)
	}
	return fmt.Errorf("unknown format %q", f)
}

// CheckFile returns an error if no file can be written under this name.
func CheckFile(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder", path)
	}
	file, err := beside(path)
	if err != nil {
		return err
	}
	return show.FileError(errors.Join(file.Close(), os.Remove(file.Name())))
}

// WriteFile writes a file whole, or not at all: beside its path first.
func WriteFile(path string, write func(io.Writer) error) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	file, err := beside(path)
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	if err = errors.Join(err, file.Chmod(0o644), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return show.FileError(err)
}

// beside makes a temporary file in the folder of another one.
func beside(path string) (*os.File, error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".ringback-report-*")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Unwrap(err))
	}
	return file, nil
}

// WriteFiles writes the report in the format of each file's name.
func (s *Summary) WriteFiles(paths []string, details *Details) error {
	var errs []error
	for _, path := range paths {
		format, err := FormatOf(path)
		if err == nil {
			err = WriteFile(path, func(w io.Writer) error { return s.WriteAs(w, format, details) })
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
