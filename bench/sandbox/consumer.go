package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// consumer takes everything and checks nothing, so that it costs little beside what is
// measured. Each subscription has a path of its own: /0, /1 …
type consumer struct {
	listener net.Listener
	received atomic.Int64
	of       []atomic.Int64

	mu   sync.Mutex
	lags []float64 // ms, one in sampled
}

// sampled is one in how many requests the lag is taken of.
const sampled = 16

func listen(subscriptions int) (*consumer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &consumer{listener: l, of: make([]atomic.Int64, subscriptions)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = c.serve(conn) }()
		}
	}()
	return c, nil
}

var errRequest = errors.New("no request that this consumer knows")

// serve answers the requests of a connection.
func (c *consumer) serve(conn net.Conn) error {
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 8<<10)
	var body []byte
	for {
		path, length, err := readHead(r)
		if err != nil {
			return err
		}
		body = slices.Grow(body[:0], length)[:length]
		if _, err := io.ReadFull(r, body); err != nil {
			return err
		}
		c.count(path, body)
		if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); err != nil {
			return err
		}
	}
}

// readHead reads a request line and headers.
func readHead(r *bufio.Reader) (path, length int, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	_, rest, _ := bytes.Cut(line, []byte(" /"))
	number, _, _ := bytes.Cut(rest, []byte(" "))
	if path, err = strconv.Atoi(string(number)); err != nil {
		return 0, 0, errRequest
	}
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return 0, 0, err
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found {
			return path, length, nil
		}
		if bytes.EqualFold(name, []byte("content-length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil || length > 1<<20 {
				return 0, 0, errRequest
			}
		}
	}
}

func (c *consumer) count(path int, body []byte) {
	n := c.received.Add(1)
	if path >= 0 && path < len(c.of) {
		c.of[path].Add(1)
	}
	if n%sampled != 0 {
		return
	}
	_, rest, _ := bytes.Cut(body, []byte(`"time":"`))
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	at, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return
	}
	lag := float64(time.Since(at).Microseconds()) / 1000
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lags = append(c.lags, lag)
}

// spans are quantiles of times in ms.
type spans struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func quantiles(all []float64) spans {
	if len(all) == 0 {
		return spans{}
	}
	all = slices.Sorted(slices.Values(all))
	at := func(q float64) float64 { return all[min(len(all)-1, int(q*float64(len(all))))] }
	return spans{at(0.5), at(0.99), all[len(all)-1]}
}
