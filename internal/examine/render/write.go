package render

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/ringback/ringback/internal/jsontext"
)

// Format is a way of writing a result to a file.
type Format string

// The formats, by the extension of the file.
const (
	JSON     Format = ".json"
	JUnit    Format = ".xml"
	Markdown Format = ".md"
	HTML     Format = ".html"
	SARIF    Format = ".sarif"
)

// FormatOf is the format that the name of a file asks for.
func FormatOf(path string) (Format, error) {
	switch f := Format(strings.ToLower(filepath.Ext(path))); f {
	case JSON, JUnit, Markdown, HTML, SARIF:
		return f, nil
	}
	return "", fmt.Errorf("the name of the file decides its format: want .json, .xml (JUnit), .md, .html or .sarif, got %q", path)
}

// WriteAs writes the result in a format.
func (r *Result) WriteAs(w io.Writer, f Format) error {
	switch f {
	case JSON:
		return jsontext.WriteIndented(w, r)
	case Markdown:
		return r.writeMarkdown(w)
	case JUnit:
		return r.writeJUnit(w)
	case HTML:
		return r.writeHTML(w)
	case SARIF:
		return r.writeSARIF(w)
	}
	return fmt.Errorf("unknown format %q", f)
}
