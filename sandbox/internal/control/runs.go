package control

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/assume"
)

// maxSpeed is the fastest that a run is played: a day in less than a tenth of a second.
const maxSpeed = 1_000_000

// maxListed is how many runs a list holds, the newest ones.
const maxListed = 200

// seed is a whole number as a JSON number or, since JavaScript loses digits of large ones, as
// a text.
type seed struct{ value *uint64 }

func (s *seed) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	n, err := strconv.ParseUint(string(bytes.Trim(data, `"`)), 10, 64)
	if err != nil {
		return malformed("seed: want a whole number from 0 to %d", uint64(math.MaxUint64))
	}
	s.value = &n
	return nil
}

func (d *desk) runs(r *http.Request) (answer, error) {
	if _, err := queried(r); err != nil {
		return answer{}, err
	}
	all, err := d.Store.Runs(r.Context(), false)
	if err != nil {
		return answer{}, err
	}
	return ok(struct {
		Runs []store.Run `json:"runs"` // without their sources, which GET /runs/{id} has
	}{list(all[:min(len(all), maxListed)])})
}

func (d *desk) run(r *http.Request) (answer, error) {
	return steered(d.Store.Run(r.Context(), r.PathValue("id")))
}

// startRun plays a scenario or workload of the library, or a posted text.
func (d *desk) startRun(r *http.Request) (answer, error) {
	var in struct {
		Scenario string        `json:"scenario"`
		YAML     string        `json:"yaml"`
		Speed    *float64      `json:"speed"`
		Seed     seed          `json:"seed"`
		Options  store.Playing `json:"options"`
	}
	if err := decode(r, &in); err != nil {
		return answer{}, err
	}
	if (in.Scenario == "") == (in.YAML == "") {
		return answer{}, malformed("give scenario, a name of the library, or yaml, a text; not both")
	}
	play := engine.Play{Name: in.Scenario, Source: in.YAML, Speed: 1, Seed: in.Seed.value, Options: in.Options}
	if in.Speed != nil {
		play.Speed = *in.Speed
	}
	if err := checkSpeed(play.Speed); err != nil {
		return answer{}, err
	}
	if in.Scenario != "" {
		if _, err := d.find(r.Context(), in.Scenario); err != nil {
			return answer{}, err
		}
	} else if _, err := d.parse(r.Context(), in.YAML); err != nil {
		return answer{}, err
	}
	if err := checkAssume(in.Options.Assume); err != nil {
		return answer{}, err
	}
	run, err := d.Room.StartRun(r.Context(), play)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, run}, nil
}

// checkAssume refuses the assumptions about requests and responses, which would have no effect.
func checkAssume(pairs []string) error {
	set, err := settings.ParseAssume(pairs)
	if err != nil {
		return invalid("options.%v", err)
	}
	for i := range assume.Rows() {
		n := assume.Name(i)
		if value, chosen := set.Chosen(n); chosen && settings.IsSending(n) {
			return invalid("options.assume: %s is about all deliveries of the sandbox, not about one run; start it with --assume %[1]s=%s", n, value)
		}
	}
	return nil
}

func checkSpeed(speed float64) error {
	if !(speed > 0 && speed <= maxSpeed) {
		return invalid("speed: want more than 0 and at most %d, got %v", maxSpeed, speed)
	}
	return nil
}

func (d *desk) changeRun(r *http.Request) (answer, error) {
	var in struct {
		Speed *float64 `json:"speed"`
	}
	if err := decode(r, &in); err != nil {
		return answer{}, err
	}
	if in.Speed == nil {
		return answer{}, malformed("speed: missing; nothing else of a run can be changed")
	}
	if err := checkSpeed(*in.Speed); err != nil {
		return answer{}, err
	}
	return steered(d.Room.SetRunSpeed(r.Context(), r.PathValue("id"), *in.Speed))
}

func (d *desk) pauseRun(r *http.Request) (answer, error)  { return steer(r, d.Room.PauseRun) }
func (d *desk) resumeRun(r *http.Request) (answer, error) { return steer(r, d.Room.ResumeRun) }
func (d *desk) stopRun(r *http.Request) (answer, error)   { return steer(r, d.Room.StopRun) }

func steer(r *http.Request, do func(context.Context, string) (store.Run, error)) (answer, error) {
	if err := nothing(r); err != nil {
		return answer{}, err
	}
	return steered(do(r.Context(), r.PathValue("id")))
}

func steered(run store.Run, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return ok(run)
}

var _ json.Unmarshaler = (*seed)(nil)
