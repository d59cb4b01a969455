package report

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
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
