package report

import (
	"errors"
	"fmt"
	"io"
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

// WriteAs writes the report in a format. Without details, which may be nil, JUnit and HTML
// have less to show.
func (s *Summary) WriteAs(w io.Writer, f Format, d *Details) error {
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

// Endings are those of the formats.
func Endings() []string {
	return []string{string(JSON), string(JUnit), string(Markdown), string(HTML)}
}

// WriteFiles writes the report to all places.
func (s *Summary) WriteFiles(places []Place, details *Details) error {
	var errs []error
	for _, p := range places {
		errs = append(errs, p.Write(func(w io.Writer) error { return s.WriteAs(w, Format(p.Format), details) }))
	}
	return errors.Join(errs...)
}
