package render

import (
	"fmt"
	"io"

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

// Endings are those of the formats.
func Endings() []string {
	return []string{string(JSON), string(JUnit), string(Markdown), string(HTML), string(SARIF)}
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
