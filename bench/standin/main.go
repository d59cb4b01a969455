// Standin stands in for wrk2 where wrk2 cannot be had. In come a URL on this machine, a request
// to repeat and a rate; out go requests at that rate, and a line of counts at the end. It
// promises the least work that a sender at a pace can have: one thread, one request that was
// made once, a schedule of absolute moments. It never signs, measures or records anything.
//
//	standin --to http://127.0.0.1:9100/events --body FILE --token TOKEN --rate 5000 --connections 64 --for 10s --way wrk2
//
// There are two ways to keep the pace. "wrk2" makes the system calls that wrk2 makes: each
// connection has its own schedule, waits for whole milliseconds, and asks epoll before it
// writes. "moment" has one schedule for all connections, sleeps until each moment, and
// reads answers when it has time: the least that a punctual sender does.
package main

import (
	"flag"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"time"
)

// settings are the flags.
type settings struct {
	to          string
	body        string // file
	token       string
	rate        int // requests a second
	connections int
	lasting     time.Duration
	way         string
}

// Bounds of the settings. More than a million requests a second, or 10,000 connections, no
// single thread can serve.
const (
	mostRate        = 1_000_000
	mostConnections = 10_000
	mostLasting     = time.Hour
)

func main() {
	var s settings
	flag.StringVar(&s.to, "to", "", "`URL` to send to: http, an IPv4 address of the loopback network, a port")
	flag.StringVar(&s.body, "body", "", "`FILE` with the body of all requests")
	flag.StringVar(&s.token, "token", "", "`TOKEN` for the header Vonage-Signature of all requests")
	flag.IntVar(&s.rate, "rate", 1000, "`N` requests a second")
	flag.IntVar(&s.connections, "connections", 64, "`N` connections")
	flag.DurationVar(&s.lasting, "for", 10*time.Second, "`D` until the end")
	flag.StringVar(&s.way, "way", "wrk2", "wrk2 or moment: how to keep the pace")
	flag.Parse()
	sent, answered, err := run(s)
	if err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
	fmt.Printf("%d sent, %d answered\n", sent, answered)
}

// run sends until the time is over, and tells how many requests it sent and how many were answered.
func run(s settings) (sent, answered int, err error) {
	to, request, err := s.prepare()
	if err != nil {
		return 0, 0, err
	}
	return send(s, to, request)
}

// prepare checks the settings and makes the request.
func (s settings) prepare() (to netip.AddrPort, request []byte, err error) {
	u, err := url.Parse(s.to)
	if err != nil {
		return to, nil, fmt.Errorf("--to: want a URL, got %q", s.to)
	}
	if to, err = netip.ParseAddrPort(u.Host); err != nil || u.Scheme != "http" || !to.Addr().Is4() || !to.Addr().IsLoopback() {
		return to, nil, fmt.Errorf("--to: want http://127.0.0.1:PORT/PATH, got %q", s.to)
	}
	for _, n := range []struct {
		flag      string
		got, most int
	}{{"--rate", s.rate, mostRate}, {"--connections", s.connections, mostConnections}, {"--for", int(s.lasting), int(mostLasting)}} {
		if n.got < 1 || n.got > n.most {
			return to, nil, fmt.Errorf("%s: out of range; want more than 0, at most %d a second, %d connections and %s", n.flag, mostRate, mostConnections, mostLasting)
		}
	}
	if s.way != "wrk2" && s.way != "moment" {
		return to, nil, fmt.Errorf("--way: want wrk2 or moment, got %q", s.way)
	}
	body, err := os.ReadFile(s.body)
	if err != nil {
		return to, nil, fmt.Errorf("--body: %w", err)
	}
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/cloudevents+json\r\nVonage-Signature: %s\r\nContent-Length: %d\r\n\r\n",
		u.RequestURI(), u.Host, s.token, len(body))
	return to, append([]byte(head), body...), nil
}
