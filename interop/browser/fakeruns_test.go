package browser

import "net/http"

// runs are one that goes on and one that has ended.
func (f *fake) runs() []object {
	return []object{
		{"id": "run1", "name": "steady-calls", "state": "running", "seed": "7", "speed": 1, "base": f.began, "start": f.began, "created": f.began, "offset": 0, "position": 4711, "options": object{"count": 3}},
		{"id": "run0", "name": "bad-day", "state": "ended", "seed": "8", "speed": 60, "base": f.began, "start": f.began, "created": f.began, "ended": f.began, "offset": 0, "position": 31_525, "options": object{}},
	}
}

func (f *fake) ofRuns() map[string]func(*http.Request) any {
	const base = "/sandbox/v1/runs"
	return map[string]func(*http.Request) any{
		"GET " + base: func(*http.Request) any { return object{"runs": f.runs()} },
		"GET " + base + "/{id}": func(r *http.Request) any {
			for _, run := range f.runs() {
				if run["id"] == r.PathValue("id") {
					run["source"] = "name: steady-calls\nstory: Two calls a second.\n"
					return run
				}
			}
			return object{}
		},
		"GET " + base + "/{id}/figures": f.figures,
		"GET " + base + "/{id}/compare": func(*http.Request) any {
			n := func(v float64) *float64 { return &v }
			side := func(name string) object {
				return object{"source": name, "verdict": "passed", "headline": "passed", "scenarios": []string{"steady-calls"}}
			}
			return object{"a": side("run run1"), "b": side("run run0"), "same_plan": false, "comparable": false, "verdict": "", "gates": []object{}, "warnings": []string{"the two runs played different plans"},
				"differences": []object{{"figure": "accepted", "unit": "", "a": n(4700), "b": n(31_000)}, {"figure": "latency p99", "unit": "ns", "a": n(5e6), "b": nil}, {"figure": "throughput", "unit": "/s", "a": n(12.5), "b": n(100)}}}
		},
	}
}

// figures have all that a page can show, of two minutes.
func (f *fake) figures(r *http.Request) any {
	times := func(n int) object {
		return object{"count": 50, "p50": 900 + n, "p90": 2000 + n, "p99": 9000 + 10*n, "p99_9": 9500 + 10*n, "max": 9900 + 20*n}
	}
	var points []object
	for i := range 120 {
		p := object{"at_s": i, "offered": 40 + i%7, "delivered": 38 + i%9, "attempts": 41 + i%7, "failures": i % 3, "latency_us": times(i), "lateness_us": times(2 * i)}
		if i == 60 {
			p["latency_us"], p["lateness_us"] = nil, nil
		}
		points = append(points, p)
	}
	states := object{"waiting": 12, "delivered": 4600, "failed": 7, "cancelled": 1, "correctly-refused": 40, "wrongly-accepted": 2, "dropped": 3}
	part := func(name string) object {
		return object{"name": name, "id": name, "all": 4665, "states": states, "latency_us": times(0)}
	}
	ended := r.PathValue("id") == "run0"
	verdict := ""
	if ended {
		verdict = "failed"
	}
	return object{
		"run": r.PathValue("id"), "state": map[bool]string{true: "ended", false: "running"}[ended], "now": f.began, "settled": ended, "took_s": 120, "notifications": 4711, "deliveries": states, "again": 1,
		"attempts": object{"accepted": 4600, "failed": 90, "stale": 2, "correctly-refused": 40, "wrongly-accepted": 2}, "statuses": object{"204": 4602, "401": 40, "503": 90}, "retries": 83, "retried": 60,
		"types": []object{part("channel.held.v0"), part("channel.alerted.v0")}, "subscriptions": []object{part("my-consumer")}, "latency_us": times(0), "lateness_us": times(5), "step_s": 1, "points": points,
		"faults":  []object{{"kind": "wrong-key", "want": "refuse with 401", "planned": 42, "right": 40, "accepted": 0, "wrong": 2, "wrongly_accepted": 2, "open": 0, "example": "wrongly-accepted: 204 No Content"}},
		"gates":   []object{{"gate": "accepted >= 99.9%", "passed": false, "was": "it was 98.6%"}, {"gate": "latency p99 < 500ms", "passed": true, "was": "it was 9ms"}},
		"verdict": verdict, "causes": []string{"2 of 42 forgeries accepted: wrong-key: 204 No Content"}, "no_gates": "", "unjudged": []string{"the state of the consumer, which `ringback run` asks for"},
		"forgotten": object{"notifications": 20, "deliveries": 0, "attempts": 4},
	}
}
