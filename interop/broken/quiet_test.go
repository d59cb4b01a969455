package main

import (
	"io"
	"log"
)

// quiet swallows what servers say about handlers that panic.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
