package main

import (
	"context"
	"net"
	"net/http"
	"testing"
)

// Each consumer has a name of its own, says what it is, and can be served.
func TestEachConsumerIsServed(t *testing.T) {
	names := map[string]bool{}
	for _, c := range consumers([][]byte{secret(t)}) {
		if names[c.name] || c.about == "" {
			t.Errorf("%q is there twice, or says nothing of itself", c.name)
		}
		names[c.name] = true
		ctx, stop := context.WithCancel(t.Context())
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.serve(ctx, l) }()
		resp, err := http.Get("http://" + l.Addr().String() + "/calls/none")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else {
			resp.Body.Close()
		}
		stop()
		if err := <-ended; err != http.ErrServerClosed {
			t.Errorf("%s ended with %v", c.name, err)
		}
	}
}
