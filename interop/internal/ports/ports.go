// Package ports finds ports for programs that are started, killed and started again by tests.
package ports

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Free is a port of 127.0.0.1 where nobody listens. It lies below those that systems give to outgoing connections, so that nobody takes
// it between two starts of a program, however many tests run.
func Free(t testing.TB) int {
	t.Helper()
	return Between(t, 10_000, 30_000)
}

// Between is a port of 127.0.0.1 where nobody listens, from least on and below end.
func Between(t testing.TB, least, end int) int {
	t.Helper()
	var failed error
	for range 100 {
		port := least + rand.IntN(end-least)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = l.Close() // nobody has connected
			return port
		}
		failed = err
	}
	t.Fatal(failed)
	return 0
}
