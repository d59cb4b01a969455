package main

import "net/http"

// failsOnUnknownTypes answers 500 to a type that it does not know.
func failsOnUnknownTypes() *consumer {
	c := correct()
	c.about = "answers 500 to types that it does not know"
	c.unknown = http.StatusInternalServerError
	return c
}
