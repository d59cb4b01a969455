// Sandbox measures what ringback serve sustains on one machine. In come the path of the
// program and a load; out go what was accepted and delivered, how late, and what it took of
// memory and CPU, as JSON. It promises that every delivery that it counts was a whole request
// at a consumer of its own. It sends to loopback only, and looks into the program by its API
// and by /proc, as anybody could.
//
//	go -C bench run ./sandbox --program ../ringback [--subscriptions 200] [--rate 500] [--for 1m] [--select type|all|few]
//
// With --against another program is measured in turn with the first, so that both meet the same machine, and the ratio of
// the medians of their CPU time for a delivery is told.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// settings are the load.
type settings struct {
	program       string
	data          string
	subscriptions int
	rate          float64 // notifications a second
	length        time.Duration
	choice        string // what each subscription selects: type, all or few
	patience      time.Duration
	against       string // another program; empty: none
	rounds        int
}

// result is what came of it.
type result struct {
	Program       string  `json:"program"`
	Subscriptions int     `json:"subscriptions"`
	Select        string  `json:"select"`
	Seconds       float64 `json:"seconds"` // of the load, without what came after it

	Accepted      int64   `json:"accepted"` // notifications
	AcceptedRate  float64 `json:"accepted_per_s"`
	Deliveries    int64   `json:"deliveries"` // that these make
	Delivered     int64   `json:"delivered"`  // by the end of the load
	DeliveredRate float64 `json:"delivered_per_s"`
	Waiting       int64   `json:"waiting"` // at the end of the load
	Drained       float64 `json:"drained_s"`
	Left          int64   `json:"left"` // not delivered when patience ended
	Received      int64   `json:"received"`
	Quiet         int     `json:"quiet"` // subscriptions that got nothing

	LagMS   spans   `json:"lag_ms"`   // from the moment in the notification to the consumer
	ReadyMS spans   `json:"ready_ms"` // of GET /readyz under load
	RSS     sizes   `json:"rss_mib"`
	CPU     float64 `json:"cpu_cores"` // of the program
	FileMiB float64 `json:"file_mib"`

	DeliveryUS float64 `json:"delivery_cpu_us"`  // of the program, for each delivery by the end of the load
	WrittenKiB float64 `json:"written_kib"`      // to the disk, for each of them
	Switches   float64 `json:"switches"`         // of its threads, for each of them
	Load       string  `json:"load_average"`     // of the machine before the load, over 1, 5 and 15 minutes
	OthersCPU  float64 `json:"others_cpu_cores"` // of all other processes during the load, without that of this consumer
	Consumer   float64 `json:"consumer_cpu_us"`  // of this consumer, for each delivery
}

func main() {
	var s settings
	flag.StringVar(&s.program, "program", "", "`FILE`: the program ringback; needed")
	flag.StringVar(&s.data, "data", "", "`DIR` of the state (default a new one, removed at the end)")
	flag.IntVar(&s.subscriptions, "subscriptions", 200, "`N` of them")
	flag.Float64Var(&s.rate, "rate", 500, "`N` notifications a second")
	flag.DurationVar(&s.length, "for", time.Minute, "`D` of the load")
	flag.StringVar(&s.choice, "select", "type", "`type|all|few`: each subscription gets one type in turn, all, or only the first four get anything")
	flag.DurationVar(&s.patience, "patience", 2*time.Minute, "`D` after the load for what still waits")
	flag.StringVar(&s.against, "against", "", "`FILE`: another program ringback, which is measured in turn with the first")
	flag.IntVar(&s.rounds, "rounds", 1, "`N` times each")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	if err := s.play(ctx, func(r *result) { _ = e.Encode(r) }); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		stop()
		os.Exit(1)
	}
}

// play measures each program in turn, and tells how they compare.
func (s *settings) play(ctx context.Context, tell func(*result)) error {
	if s.rounds < 1 || s.rounds > 100 {
		return fmt.Errorf("--rounds %d: want 1 to 100", s.rounds)
	}
	programs := []string{s.program}
	if s.against != "" {
		programs = append(programs, s.against)
	}
	costs := make([][]float64, len(programs))
	for range s.rounds {
		for i, program := range programs {
			one := *s
			one.program = program
			r, err := measure(ctx, &one)
			if err != nil {
				return err
			}
			r.Program = program
			tell(r)
			costs[i] = append(costs[i], r.DeliveryUS)
		}
	}
	if len(programs) > 1 {
		first, other := quantiles(costs[0]).P50, quantiles(costs[1]).P50
		fmt.Fprintf(os.Stderr, "CPU for a delivery: %.1f µs, and %.1f µs of %s: %.2f\n", first, other, s.against, first/other)
	}
	return nil
}
