package main

import (
	"net/http"
	"time"
)

// blocksSender does its work before it answers, for eleven seconds.
func blocksSender() *consumer {
	c := correct()
	c.about = "blocks the sender for 11 s"
	c.answered = func(r *http.Request) bool {
		work := time.NewTimer(11 * time.Second)
		defer work.Stop()
		select {
		case <-work.C:
			return true
		case <-r.Context().Done(): // the sender has gone
			return false
		}
	}
	return c
}
