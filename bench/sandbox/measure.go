package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// story lasts about two seconds and makes 11 notifications, so that the rate is there from the
// beginning.
const (
	story = `name: short-call
story: A call of two seconds.
steps: [{call: customer}, {ring: {agent: alice, for: 300ms}}, {talk: 500ms}, {hold: 300ms}, {talk: 500ms}, {hangup: customer}, {wrap: 300ms}]
`
	inStory = 11
)

// types are what the story has, each as often as it comes.
func types() []string {
	return []string{"channel.alerted.*", "channel.connected.*", "channel.held.*", "channel.retrieved.*",
		"channel.disconnected.*", "channel.wrapstarted.*", "channel.ended.*"}
}

// events are what subscription i selects.
func (s *settings) events(i int) []string {
	all := types()
	switch {
	case s.choice == "all":
		return []string{"*"}
	case s.choice == "few" && i >= 4:
		return []string{"agent.*"}
	case s.choice == "few":
		return []string{"*"}
	}
	return all[i%len(all) : i%len(all)+1]
}

func measure(ctx context.Context, s *settings) (*result, error) {
	if s.data != "" && (s.against != "" || s.rounds > 1) {
		return nil, errors.New("want --data with one program and one round: each begins with a state of its own")
	}
	if s.program == "" || s.subscriptions < 1 || s.rate <= 0 {
		return nil, errors.New("want --program FILE, and a number of subscriptions and a rate above 0")
	}
	if s.data == "" {
		dir, err := os.MkdirTemp("", "ringback-sandbox-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		s.data = dir
	}
	c, err := listen(s.subscriptions)
	if err != nil {
		return nil, err
	}
	defer c.listener.Close()
	p, err := start(ctx, s.program, s.data)
	if err != nil {
		return nil, err
	}
	r, err := load(ctx, s, p, c)
	return r, errors.Join(err, p.stop())
}

func load(ctx context.Context, s *settings, p *program, c *consumer) (*result, error) {
	for i := range s.subscriptions {
		body := map[string]any{"name": fmt.Sprintf("consumer %d", i), "url": fmt.Sprintf("http://%s/%d", c.listener.Addr(), i), "events": s.events(i)}
		if err := p.post(ctx, "/subscriptions", body, &struct{}{}); err != nil {
			return nil, err
		}
	}
	pid := p.cmd.Process.Pid
	w := watch{pid: pid, url: p.url + "/readyz", rss: sizes{Begin: rss(pid)}}
	began, before := time.Now(), taken(pid)
	r := &result{Subscriptions: s.subscriptions, Select: s.choice, Load: loadAverage()}
	run := map[string]any{"yaml": story, "speed": 1,
		"options": map[string]any{"calls": fmt.Sprintf("%.1f/s", s.rate/inStory), "for": s.length.String()}}
	if err := p.post(ctx, "/runs", run, &struct{}{}); err != nil {
		return nil, err
	}
	if err := w.until(ctx, began.Add(s.length), nil); err != nil {
		return nil, err
	}
	r.Seconds, r.Delivered = time.Since(began).Seconds(), c.received.Load()
	r.DeliveredRate = float64(r.Delivered) / r.Seconds
	r.costs(before, taken(pid))
	var now counts
	if err := p.do(ctx, http.MethodGet, "/state", nil, &now); err != nil {
		return nil, err
	}
	r.Accepted, r.Deliveries, r.Waiting = now.Notifications, now.all(), now.Deliveries["waiting"]
	r.AcceptedRate = float64(r.Accepted) / r.Seconds
	c.mu.Lock()
	r.LagMS = quantiles(c.lags)
	c.mu.Unlock()
	r.ReadyMS = quantiles(w.ready)

	ended := time.Now()
	err := w.until(ctx, ended.Add(s.patience), func() bool {
		err := p.do(ctx, http.MethodGet, "/state", nil, &now)
		return err == nil && now.Deliveries["waiting"] == 0 && time.Since(ended) > 3*time.Second // the last stories have ended
	})
	r.Drained, r.Left, r.Received = time.Since(ended).Seconds(), now.Deliveries["waiting"], c.received.Load()
	w.rss.End = rss(pid)
	r.RSS = w.rss
	for i := range c.of {
		if c.of[i].Load() == 0 {
			r.Quiet++
		}
	}
	if info, err := os.Stat(filepath.Join(s.data, "sandbox.db")); err == nil {
		r.FileMiB = float64(info.Size()) / (1 << 20)
	}
	return r, err
}

// watch looks at the program once in half a second.
type watch struct {
	pid   int
	url   string
	rss   sizes
	ready []float64 // ms
}

// until watches until a moment, or until done says so.
func (w *watch) until(ctx context.Context, moment time.Time, done func() bool) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(moment) && (done == nil || !done()) {
		began := time.Now()
		resp, err := http.Get(w.url)
		if err != nil {
			return err
		}
		resp.Body.Close()
		w.ready = append(w.ready, float64(time.Since(began).Microseconds())/1000)
		w.rss.Max = max(w.rss.Max, rss(w.pid))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
