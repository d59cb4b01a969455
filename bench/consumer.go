package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/signature"
)

// consumer is a sink that runs.
type consumer struct {
	*process
	url    string // of the sink, without a path
	ca     string // file with its certificate, if it speaks TLS
	client http.Client
}

// counts is what a sink reports; see package sink.
type counts struct {
	Now         int64  `json:"now_ns"`
	Requests    uint64 `json:"requests"`
	Unique      uint64 `json:"unique"`
	Duplicates  uint64 `json:"duplicates"`
	WithoutID   uint64 `json:"without_id"`
	Signed      uint64 `json:"signed"`
	Checked     uint64 `json:"checked"`
	Wrong       uint64 `json:"wrong_signatures"`
	Malformed   uint64 `json:"malformed"`
	Torn        uint64 `json:"torn"`
	Connections uint64 `json:"connections"`
	BodyBytes   uint64 `json:"body_bytes"`
	First       int64  `json:"first_ns"`
	Last        int64  `json:"last_ns"`
}

// consume starts a sink with more flags.
func (b *bench) consume(ctx context.Context, flags ...string) (*consumer, error) {
	c := &consumer{client: http.Client{Timeout: time.Minute}}
	command := append([]string{b.bin("sink"), "--secret", signature.DevelopmentSecret}, flags...)
	scheme := "http"
	if len(flags) > 0 && flags[0] == "--tls" {
		scheme, c.ca = "https", filepath.Join(b.work, "ca.pem")
		command = append(command, "--ca", c.ca)
		c.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // it is our own, on loopback
	} else {
		c.client.Transport = &http.Transport{}
	}
	var err error
	if c.process, err = b.start(ctx, sinkCore, nil, command); err != nil {
		return nil, err
	}
	for range 100 {
		text, _ := os.ReadFile(c.out)
		if line, whole := strings.CutSuffix(string(text), "\n"); whole {
			c.url = scheme + "://" + strings.TrimPrefix(line, "listening ")
			return c, nil
		}
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			break
		}
	}
	defer c.kill()
	return nil, fmt.Errorf("the sink does not start: %s", c.said())
}

func (c *consumer) get(path string, use func(io.Reader) error) error {
	r, err := c.client.Get(c.url + path)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	defer r.Body.Close()
	return use(r.Body)
}

func (c *consumer) reset(keep bool) error {
	path := "/reset"
	if keep {
		path += "?arrivals=1"
	}
	return c.get(path, func(io.Reader) error { return nil })
}

func (c *consumer) report() (n counts, err error) {
	err = c.get("/report", func(r io.Reader) error { return json.NewDecoder(r).Decode(&n) })
	return n, err
}

// arrival is when a notification arrived, as Unix time in ns.
type arrival struct {
	at int64
	id string
}

func (c *consumer) arrivals() (all []arrival, err error) {
	err = c.get("/arrivals", func(r io.Reader) error {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			at, id, _ := strings.Cut(lines.Text(), " ")
			ns, err := strconv.ParseInt(at, 10, 64)
			if err != nil {
				return err
			}
			all = append(all, arrival{ns, id})
		}
		return lines.Err()
	})
	return all, err
}
