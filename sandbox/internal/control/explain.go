package control

import (
	"net/http"
	"slices"
	"sync"

	"github.com/ringback/ringback/internal/evidence"
)

// catalogue is all that can be explained, with the scenarios that show it. The first request
// makes it.
var catalogue = sync.OnceValue(func() []evidence.Entry { return evidence.Shown(evidence.All()) })

// explained answers what is known of a subject, of a group, or of everything.
func (h *handler) explained(r *http.Request) (any, error) {
	q := queried(r, "subject", "group")
	subject, one := q.values["subject"]
	group, some := q.values["group"]
	if one && some {
		q.add(malformed("give subject or group, not both"))
	}
	entries := slices.Clone(catalogue())
	if some {
		var groups []string
		for _, e := range entries {
			groups = append(groups, string(e.Group))
		}
		q.add(oneOf(http.StatusBadRequest, "group", group, slices.Compact(groups)))
		entries = slices.DeleteFunc(entries, func(e evidence.Entry) bool { return string(e.Group) != group })
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	if one {
		var err error
		if entries, err = evidence.Find(subject); err != nil {
			return nil, refuse(http.StatusNotFound, "%v; GET %s/explain lists all subjects", err, Prefix)
		}
	}
	return map[string]any{"entries": entries}, nil
}
