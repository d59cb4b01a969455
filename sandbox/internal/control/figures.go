package control

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/figures"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
)

// figures answers with what a run has come to.
func (h *handler) figures(r *http.Request) (any, error) {
	run, err := h.Store.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return h.reader.Figures(r.Context(), run)
}

// text reads what the text of a run says of its result. One that cannot be read any more, such as one of a workload whose scenarios were
// deleted, is no error: the figures are right without it.
func (h *handler) text(ctx context.Context, run *store.Run) (t figures.Text, err error) {
	done, err := h.turn(ctx)
	if err != nil {
		return t, err
	}
	defer done()
	doc, err := h.parse(ctx, run.Source, engine.ValuesOf(run.Options.Set, "options.set"))
	if ctx.Err() != nil {
		return t, ctx.Err()
	}
	if err != nil {
		_, m := explain(err)
		t.Problem = m.Message
		if found, is := err.(scenario.Problems); is && len(found) > 0 {
			t.Problem = found[0].What
		}
		return t, nil
	}
	traffic := settings.TrafficOf(doc)
	for _, g := range traffic.Gates() {
		t.Gates = append(t.Gates, g.Text)
	}
	for _, expected := range traffic.Expected() {
		t.Expected = t.Expected || len(expected) > 0
	}
	return t, nil
}

// The forms of a report, by their names in requests.
var forms = []string{"json", "html", "md", "xml"}

var mediaTypes = map[string]string{"json": "application/json", "html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8", "xml": "application/xml"}

// formed reads the form of a report from the query parameters.
func (q *query) formed(known []string) string {
	form, given := q.values["format"]
	if !given {
		return "json"
	}
	q.add(oneOf(http.StatusBadRequest, "format", form, known))
	return form
}

// report answers with the report of a run, as `ringback run --report` writes it.
func (h *handler) report(w http.ResponseWriter, r *http.Request) error {
	q := queried(r, "format")
	form := q.formed(forms)
	if err := q.err(); err != nil {
		return err
	}
	run, err := h.Store.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	s, details, err := h.reader.Report(r.Context(), run)
	if err != nil {
		return err
	}
	return h.document(w, r, form, "report-"+fileOf(&run), func(to io.Writer, f report.Format) error { return s.WriteAs(to, f, details) })
}

// compare answers with two runs side by side, as `ringback report A.json B.json` does.
func (h *handler) compare(w http.ResponseWriter, r *http.Request) error {
	q := queried(r, "with", "format")
	form, with := q.formed(forms[:3]), q.values["with"] // without gates of its own, there is no JUnit of it
	if with == "" {
		q.add(malformed("with: missing; it is the id of the other run"))
	}
	if err := q.err(); err != nil {
		return err
	}
	var sides [2]*report.Summary
	var names []string
	for i, id := range []string{r.PathValue("id"), with} {
		run, err := h.Store.Run(r.Context(), id)
		if err != nil {
			return err
		}
		if sides[i], _, err = h.reader.Report(r.Context(), run); err != nil {
			return err
		}
		names = append(names, fileOf(&run))
	}
	return h.document(w, r, form, "compared-"+strings.Join(names, "-with-"), report.Compare(sides[0], sides[1]).WriteAs)
}

// document writes a report once it is whole.
func (h *handler) document(w http.ResponseWriter, r *http.Request, form, name string, write func(io.Writer, report.Format) error) error {
	var page bytes.Buffer
	if err := write(&page, report.Format("."+form)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaTypes[form])
	if form != "json" || r.URL.Query().Has("format") { // to be kept; a page would be shown without its style, by the policy of these paths
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+"."+form))
	}
	_, _ = w.Write(page.Bytes())
	return nil
}

// plain are the characters of names of files.
var plain = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// fileOf names a run in the name of a file.
func fileOf(run *store.Run) string {
	return plain.ReplaceAllString(fmt.Sprintf("%.60s-%.40s", run.Name, run.ID), "_")
}
