package main

import (
	"errors"
	"io"
	"net/http"
)

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
