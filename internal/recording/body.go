package recording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/show"
)

// renaming compares bodies, and remembers which identifier stands for which on the other side.
type renaming struct {
	ignore Ignore
	toGot  map[string]renamed
	toWant map[string]renamed

	line  int          // of got, of the bodies that are compared now
	found []Difference // in them
}

// renamed is the other name of an identifier, and where it was first seen.
type renamed struct {
	name string
	line int // of got
}

// compare lists the members in which two bodies differ. The order of members does not
// count, nor does the form of numbers that are written alike.
func (r *renaming) compare(p pair) []Difference {
	if !r.ignore.IDs && bytes.Equal(p.want.Body, p.got.Body) {
		return nil
	}
	want, wantOK := decode(p.want.Body)
	got, gotOK := decode(p.got.Body)
	if !wantOK || !gotOK {
		if bytes.Equal(p.want.Body, p.got.Body) {
			return nil
		}
		return []Difference{{Want: show.Clip(fmt.Sprintf("%q", p.want.Body), maxShown), Got: show.Clip(fmt.Sprintf("%q", p.got.Body), maxShown)}}
	}
	r.line, r.found = p.got.Line, nil
	r.values("", want, got)
	return r.found
}

func decode(body []byte) (v any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return v, d.Decode(&v) == nil
}

func (r *renaming) values(path string, want, got any) {
	if r.ignore.Time && isTime(path) && isStamp(want) && isStamp(got) {
		return
	}
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			r.objects(path, w, g)
			return
		}
	case []any:
		if g, ok := got.([]any); ok {
			r.arrays(path, w, g)
			return
		}
	case string:
		if g, ok := got.(string); ok {
			r.texts(path, w, g)
			return
		}
	default:
		if want == got {
			return
		}
	}
	r.differ(path, shown(want), shown(got))
}

func isStamp(v any) bool {
	return !stamp(text(v)).IsZero()
}

func (r *renaming) objects(path string, want, got map[string]any) {
	names := slices.Collect(maps.Keys(want))
	for name := range got {
		if _, both := want[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		inner := name
		if path != "" {
			inner = path + "." + name
		}
		w, wanted := want[name]
		g, found := got[name]
		switch {
		case !wanted:
			r.differ(inner, "", shown(g))
		case !found:
			r.differ(inner, shown(w), "")
		default:
			r.values(inner, w, g)
		}
	}
}

func (r *renaming) arrays(path string, want, got []any) {
	for i := range max(len(want), len(got)) {
		inner := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case i >= len(want):
			r.differ(inner, "", shown(got[i]))
		case i >= len(got):
			r.differ(inner, shown(want[i]), "")
		default:
			r.values(inner, want[i], got[i])
		}
	}
}

func (r *renaming) texts(path, want, got string) {
	if !r.ignore.IDs || !isID(want) || !isID(got) {
		if want != got {
			r.differ(path, shown(want), shown(got))
		}
		return
	}
	there, back := r.toGot[want], r.toWant[got]
	switch {
	case there.name == "" && back.name == "":
		r.toGot[want], r.toWant[got] = renamed{got, r.line}, renamed{want, r.line}
	case there.name != "" && there.name != got:
		r.differ(path, fmt.Sprintf("%s, which is %s since line %d", shown(want), there.name, there.line), shown(got))
	case back.name != want:
		r.differ(path, shown(want), fmt.Sprintf("%s, which is %s since line %d", shown(got), back.name, back.line))
	}
}

func isID(s string) bool {
	if _, err := event.ParseGUID(s); err == nil {
		return true
	}
	_, err := event.ParseID(s)
	return err == nil
}

func (r *renaming) differ(path, want, got string) {
	r.found = append(r.found, Difference{Path: path, Want: want, Got: got})
}

// shown is a value as JSON, clipped.
func shown(v any) string {
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // it was JSON
	return show.Clip(strings.TrimSuffix(text.String(), "\n"), maxShown)
}

// maxShown is how long a value is shown, in characters.
const maxShown = 200
