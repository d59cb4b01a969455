// Sink is the consumer that the comparisons of bench send to. In come HTTP/1.1 requests, out
// go answers with status 200 and no body, and on GET /report the counts as JSON. It promises
// that what it counted was a whole request, that ids counted as unique differ, and that one
// in so many signatures and body hashes was computed anew. It is one thread around epoll, so
// that it costs less than the senders that it measures. It never judges the story: that is
// the work of package receiver.
//
//	sink --listen 127.0.0.1:9100 --secret BASE64 [--sample 64] [--delay 100ms | --hang] [--tls --ca FILE]
//
// It prints "listening ADDR" when it is ready, and its report when it is told to end.
package main

import (
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// settings say how the sink behaves.
type settings struct {
	listen string
	secret []byte        // key of the tokens; empty: none is checked
	sample uint64        // one in so many tokens is checked
	delay  time.Duration // before each answer
	hang   bool          // reads and never answers
	tls    bool          // serves TLS with a certificate made at start
	ca     string        // file to write that certificate to
}

func main() {
	var s settings
	var secret string
	flag.StringVar(&s.listen, "listen", "127.0.0.1:0", "`ADDR` to listen at")
	flag.StringVar(&secret, "secret", "", "`BASE64` of the key; empty: no token is checked")
	flag.Uint64Var(&s.sample, "sample", 64, "check one token in `N`")
	flag.DurationVar(&s.delay, "delay", 0, "`D` before each answer")
	flag.BoolVar(&s.hang, "hang", false, "read, and never answer")
	flag.BoolVar(&s.tls, "tls", false, "serve TLS; its cost is not that of the loop")
	flag.StringVar(&s.ca, "ca", "", "`FILE` to write the certificate to")
	flag.Parse()
	if err := run(s, secret); err != nil {
		fmt.Fprintln(os.Stderr, "sink:", err)
		os.Exit(1)
	}
}

func run(s settings, secret string) (err error) {
	if s.secret, err = base64.StdEncoding.DecodeString(secret); err != nil {
		return fmt.Errorf("--secret: %w", err)
	}
	if s.sample == 0 {
		return fmt.Errorf("--sample: want 1 or more")
	}
	if s.tls && (s.delay > 0 || s.hang) {
		return fmt.Errorf("--tls answers at once: leave --delay and --hang out")
	}
	t := newFigures(s.secret, s.sample)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	serve := serveLoop
	if s.tls {
		serve = serveTLS
	}
	if err := serve(s, t, stop, func(addr string) { fmt.Println("listening", addr) }); err != nil {
		return err
	}
	os.Stdout.Write(t.report(time.Now().UnixNano()))
	return nil
}
