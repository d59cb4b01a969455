package control

import (
	"net/http"
	"slices"
	"strings"
)

// route is an operation of the API. Exactly one of do and raw is given.
type route struct {
	method, path string
	do           func(*desk, *http.Request) (answer, error)
	raw          func(*desk, http.ResponseWriter, *http.Request) error // writes the answer itself
	once         bool                                                  // honours Idempotency-Key
}

// routes lists all operations.
func routes() []route {
	const get, post, put, patch, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return []route{
		{method: get, path: "/state", do: (*desk).state},
		{method: post, path: "/reset", do: (*desk).reset},
		{method: get, path: "/events", raw: (*desk).events},
		{method: get, path: "/openapi.json", raw: (*desk).openAPI},
		{method: get, path: "/schema", raw: (*desk).schema},

		{method: get, path: "/scenarios", do: (*desk).scenarios},
		{method: post, path: "/scenarios/check", do: (*desk).check},
		{method: get, path: "/scenarios/{name}", do: (*desk).scenario},
		{method: put, path: "/scenarios/{name}", do: (*desk).saveScenario},
		{method: remove, path: "/scenarios/{name}", do: (*desk).deleteScenario},

		{method: get, path: "/runs", do: (*desk).runs},
		{method: post, path: "/runs", do: (*desk).startRun, once: true},
		{method: get, path: "/runs/{id}", do: (*desk).run},
		{method: patch, path: "/runs/{id}", do: (*desk).changeRun},
		{method: post, path: "/runs/{id}/pause", do: (*desk).pauseRun},
		{method: post, path: "/runs/{id}/resume", do: (*desk).resumeRun},
		{method: post, path: "/runs/{id}/stop", do: (*desk).stopRun},

		{method: get, path: "/conversations", do: (*desk).conversations},
		{method: post, path: "/conversations", do: (*desk).begin, once: true},
		{method: get, path: "/conversations/{id}", do: (*desk).conversation},
		{method: post, path: "/conversations/{id}/{step}", do: (*desk).step},

		{method: get, path: "/agents", do: (*desk).agents},
		{method: get, path: "/presences", do: (*desk).presences},
		{method: put, path: "/agents/{name}/presence", do: (*desk).setPresence},

		{method: get, path: "/notifications", do: (*desk).notifications},
		{method: get, path: "/notifications/{number}", do: (*desk).notification},
		{method: get, path: "/deliveries", do: (*desk).deliveries},
		{method: get, path: "/deliveries/{number}", do: (*desk).delivery},
		{method: post, path: "/deliveries/resend", do: (*desk).resend, once: true},

		{method: get, path: "/faults", do: (*desk).faults},
		{method: post, path: "/faults", do: (*desk).arm},
		{method: remove, path: "/faults", do: (*desk).disarm},

		{method: get, path: "/subscriptions", do: (*desk).subscriptions},
		{method: post, path: "/subscriptions", do: (*desk).subscribe},
		{method: patch, path: "/subscriptions/{id}", do: (*desk).changeSubscription},
		{method: remove, path: "/subscriptions/{id}", do: (*desk).unsubscribe},
		{method: post, path: "/subscriptions/{id}/rotate", do: (*desk).rotate},
		{method: post, path: "/subscriptions/{id}/try", do: (*desk).try},
	}
}

// methods lists what is allowed at a path, none if there is no such path.
func methods(path string) (all []string) {
	rest, ok := strings.CutPrefix(path, Prefix)
	if !ok {
		return nil
	}
	for _, rt := range routes() {
		if fits(rt.path, rest) && !slices.Contains(all, rt.method) {
			all = append(all, rt.method)
		}
	}
	slices.Sort(all)
	return all
}

// fits tells whether a path is one of a pattern's.
func fits(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if got[i] != want[i] && (got[i] == "" || !strings.HasPrefix(want[i], "{")) {
			return false
		}
	}
	return true
}

// unrouted answers what the mux has no route for.
func (d *desk) unrouted(w http.ResponseWriter, r *http.Request) {
	allowed := methods(r.URL.Path)
	if len(allowed) == 0 {
		d.fail(w, r, refuse(http.StatusNotFound, "there is no %q; %s/openapi.json lists what there is", r.URL.Path, Prefix))
		return
	}
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	d.fail(w, r, refuse(http.StatusMethodNotAllowed, "%s is not for %s; use %s", r.URL.Path, r.Method, list))
}
