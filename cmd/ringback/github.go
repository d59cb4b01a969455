package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario"
)

// onGitHub reports whether GitHub Actions runs this program.
func onGitHub() bool { return os.Getenv("GITHUB_ACTIONS") == "true" }

// mostAnnotated is how many annotations of a step GitHub shows.
const mostAnnotated = 10

// annotation is a message on the page of a job, perhaps at a place in a file.
type annotation struct {
	file         string
	line, column int
	text         string
}

var (
	annotationText  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationValue = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// annotate writes errors as workflow commands, which the runner reads on standard error, too.
func annotate(w io.Writer, all []annotation) {
	if !onGitHub() {
		return
	}
	if more := len(all) - mostAnnotated; more > 0 {
		all = append(all[:mostAnnotated-1:mostAnnotated-1], annotation{text: fmt.Sprintf("… and %s", show.Counted(uint64(more+1), "more error"))})
	}
	for _, a := range all {
		place := ""
		if a.file != "" {
			place = fmt.Sprintf("file=%s,line=%d,col=%d,", annotationValue.Replace(a.file), a.line, a.column)
		}
		fmt.Fprintf(w, "::error %stitle=ringback::%s\n", place, annotationText.Replace(a.text))
	}
}

// at is a line of an error as an annotation, at the place of the first thing that it is about.
func (p *program) at(line string) annotation {
	note, first := annotation{text: line}, len(line)
	for _, place := range p.places {
		if i := strings.Index(line, place.text); i >= 0 && i < first {
			first = i
			note.file, note.line, note.column = place.file, place.line, place.column
		}
	}
	return note
}

// placed are the problems of files as annotations.
func placed(problems scenario.Problems) (all []annotation) {
	for _, p := range problems {
		text := p.What
		if p.Hint != "" {
			text += "; " + p.Hint
		}
		all = append(all, annotation{p.File, p.Pos.Line, p.Column, text})
	}
	return all
}

// mostSummarised is how much GitHub takes of a step's summary, in bytes.
const mostSummarised = 1 << 20

// summariseStep adds Markdown to the summary of the step, if GitHub Actions runs this. That it
// cannot be written changes no exit status.
func (p *program) summariseStep(write func(io.Writer) error) {
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if !onGitHub() || path == "" {
		return
	}
	var b strings.Builder
	err := write(&b)
	text := b.String() + "\n"
	if len(text) > mostSummarised {
		text = text[:strings.IndexByte(text, '\n')] + "\n\nThe report is too long for this page.\n"
	}
	if err == nil {
		var file *os.File
		if file, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
			_, err = file.WriteString(text)
			err = cmp.Or(err, file.Close())
		}
	}
	if err != nil {
		fmt.Fprintf(p.err, "warning: the summary of the step was not written: %v\n", show.FileError(err))
	}
}
