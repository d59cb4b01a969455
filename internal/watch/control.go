package watch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/lifecycle"
)

// controlHandler steers a run over HTTP. All answers are the state of the run, or an error.
func controlHandler(s *steering, look func() Frame) http.Handler {
	state := func(w http.ResponseWriter) {
		f := look()
		s.refresh(&f)
		respond(w, http.StatusOK, newState(&f))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { state(w) })
	for path, act := range map[string]func(){
		"/pause":  func() { s.pause(true) },
		"/resume": func() { s.pause(false) },
		"/stop":   s.finish,
	} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, _ *http.Request) {
			act()
			state(w)
		})
	}
	mux.HandleFunc("PUT /speed", func(w http.ResponseWriter, req *http.Request) {
		v, err := readSpeed(w, req)
		if err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		if err := s.setSpeed(v); err != nil {
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
	if err == nil && d.Decode(&struct{}{}) != io.EOF {
		err = errors.New("more follows behind it")
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("want a body such as {\"speed\": 2}: %w", err)
	case body.Speed == nil:
		return 0, errors.New("want a body such as {\"speed\": 2}: there is no speed in it")
	case !(*body.Speed >= slowest && *body.Speed <= fastest):
		return 0, fmt.Errorf("want a speed from %v to %d, got %v", slowest, fastest, *body.Speed)
	}
	return *body.Speed, nil
}

// runState is the state of a run as the control port tells it.
type runState struct {
	State   string           `json:"state"`
	Notice  string           `json:"notice"`
	Speed   *float64         `json:"speed"` // null at speed max
	Gone    float64          `json:"gone_s"`
	Left    *float64         `json:"left_s"` // null if it is not known
	Plan    float64          `json:"plan_s"`
	Counts  map[string]Count `json:"counts"`
	Answers map[string]Count `json:"answers"`

	Live     int            `json:"live"`
	Queued   int            `json:"queued"`
	Phases   map[string]int `json:"channels"`
	Waiting  int            `json:"waiting"`
	InFlight int            `json:"in_flight"`
	Retrying int            `json:"retrying"`

	Latency  Times `json:"latency_us"`
	Lateness Times `json:"lateness_us"`
	Pacing   Times `json:"pacing_us"`
}

func newState(f *Frame) runState {
	s := runState{State: f.State.String(), Notice: f.Notice, Gone: seconds(f.Gone), Plan: seconds(f.Plan), Counts: map[string]Count{},
		Answers: map[string]Count{}, Live: f.Live, Queued: f.Queued, Phases: map[string]int{}, Waiting: f.Waiting, InFlight: f.InFlight,
		Retrying: f.Retrying, Latency: f.Latency, Lateness: f.Lateness, Pacing: f.Pacing}
	if f.Speed < emitter.Max {
		s.Speed = &f.Speed
	}
	if left, known := f.Left(); known {
		v := seconds(left)
		s.Left = &v
	}
	for i, c := range counters {
		s.Counts[strings.ReplaceAll(c.name, " ", "_")] = f.Counts[i]
	}
	for i, name := range AnswerNames() {
		s.Answers[name] = f.Answers[i]
	}
	for p := lifecycle.Alerting; p < lifecycle.Ended; p++ {
		s.Phases[p.String()] = f.Phases[p]
	}
	return s
}

func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
