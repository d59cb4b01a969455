package watch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/lifecycle"
)

// controlHandler steers a run over HTTP. All answers are the state of the run, or an error.
func controlHandler(s *steering, look func() Status) http.Handler {
	state := func(w http.ResponseWriter) { respond(w, http.StatusOK, s.refreshed(look()).state()) }
	end := sync.OnceFunc(s.options.End) // the second time would stop at once
	mux := http.NewServeMux()
	for pattern, act := range map[string]func(){
		"GET /{$}":     func() {},
		"POST /pause":  func() { s.pause(true) },
		"POST /resume": func() { s.pause(false) },
		"POST /stop": func() {
			if !s.draining() {
				end()
			}
		},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			s.mu.Lock()
			act()
			s.mu.Unlock()
			state(w)
		})
	}
	mux.HandleFunc("PUT /speed", func(w http.ResponseWriter, req *http.Request) {
		v, err := readSpeed(w, req)
		if err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		s.mu.Lock()
		err = s.setSpeed(v)
		s.mu.Unlock()
		if err != nil {
			refuse(w, http.StatusConflict, err)
			return
		}
		state(w)
	})
	return guarded(mux, "/")
}

// readSpeed reads {"speed": 2}.
func readSpeed(w http.ResponseWriter, req *http.Request) (float64, error) {
	d := json.NewDecoder(http.MaxBytesReader(w, req.Body, 1<<10))
	d.DisallowUnknownFields()
	var body struct {
		Speed *float64 `json:"speed"`
	}
	err := d.Decode(&body)
	switch {
	case err != nil:
	case d.Decode(&struct{}{}) != io.EOF:
		err = errors.New("more follows behind it")
	case body.Speed == nil:
		err = errors.New("there is no speed in it")
	case !(*body.Speed >= slowest && *body.Speed <= fastest):
		return 0, fmt.Errorf("want a speed from %v to %d, got %v", slowest, fastest, *body.Speed)
	default:
		return *body.Speed, nil
	}
	return 0, fmt.Errorf("want a body such as {\"speed\": 2}: %w", err)
}

// state is the status as the control port shows it.
func (f *Status) state() map[string]any {
	counts, answers, phases := map[string]Count{}, map[string]Count{}, map[string]int{}
	for i, c := range counters {
		counts[strings.ReplaceAll(c.name, " ", "_")] = f.Counts[i]
	}
	for i, name := range answerNames {
		answers[name] = f.Answers[i]
	}
	for p := lifecycle.Alerting; p < lifecycle.Ended; p++ {
		phases[p.String()] = f.Phases[p]
	}
	s := map[string]any{"state": f.State.String(), "notice": f.Notice, "speed": f.Speed, "gone_s": seconds(f.Gone), "left_s": nil, "plan_s": seconds(f.Plan),
		"counts": counts, "answers": answers, "live": f.Live, "queued": f.Queued, "channels": phases, "waiting": f.Waiting, "in_flight": f.InFlight,
		"retrying": f.Retrying, "latency_us": f.Latency, "lateness_us": f.Lateness, "pacing_us": f.Pacing}
	if f.Speed >= emitter.Max { // which has no number
		s["speed"] = nil
	}
	if left, known := f.Left(); known {
		s["left_s"] = seconds(left)
	}
	return s
}

func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
