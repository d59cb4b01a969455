package main

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// answersBeforeStoring writes to the disk when there are a hundred notifications, and has
// answered them all by then.
func answersBeforeStoring() *consumer {
	c := correct()
	c.about = "answers before it has stored, and loses that in a crash"
	c.durable = 100
	return c
}

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

// oneCallAtATime keeps one conversation in mind, that which began last.
func oneCallAtATime() *consumer {
	c := correct()
	c.about = "knows one conversation at a time"
	c.forget = true
	return c
}

// oneContentType compares the header to the letter.
func oneContentType() *consumer {
	c := correct()
	c.about = "refuses a Content-Type with a parameter"
	read := c.read
	c.read = func(r *http.Request) ([]byte, error) {
		if media := r.Header.Get("Content-Type"); media != "application/cloudevents+json" {
			return nil, errors.New("the Content-Type is " + media)
		}
		return read(r)
	}
	return c
}

// readsFirstPiece takes what one read gives for the whole body.
func readsFirstPiece() *consumer {
	c := correct()
	c.about = "takes the first piece of a body for all of it"
	c.read = func(r *http.Request) ([]byte, error) {
		piece := make([]byte, 64<<10)
		n, err := r.Body.Read(piece)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return piece[:n], err
	}
	return c
}
