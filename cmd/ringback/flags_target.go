package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/signature"
)

// targetFlags say where to send, and as whom.
type targetFlags struct {
	to       []string
	file     string
	secret   string
	next     string
	headers  []string
	allow    []string
	ca       string
	cert     string
	key      string
	insecure bool
}

func (f *targetFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.to, "to", nil, "`URL` send to this consumer; may be repeated (default the built-in receiver)")
	flags.StringVar(&f.secret, "secret", "", "`BASE64|@FILE` signing secret of the subscription (default the public development secret)")
	f.addConnection(flags)
	flags.StringVar(&f.next, "next-secret", "", "`BASE64|@FILE` secret used after a rotate-key fault (default a second development secret)")
}

// addConnection adds the flags that say how targets are reached.
func (f *targetFlags) addConnection(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "targets", "", "`FILE` targets with a URL, secret, types, headers and TLS settings each; see docs/targets.md")
	flags.StringArrayVar(&f.headers, "header", nil, "`NAME:VALUE` send this header with each request; may be repeated")
	flags.StringSliceVar(&f.allow, "allow-target", nil, "`HOST` allow this public host; may be repeated")
	flags.StringVar(&f.ca, "ca", "", "`FILE` trust these certificate authorities (PEM) besides the system's")
	flags.StringVar(&f.cert, "cert", "", "`FILE` client certificate (PEM); needs --key")
	flags.StringVar(&f.key, "key", "", "`FILE` key of the client certificate (PEM)")
	flags.BoolVar(&f.insecure, "insecure", false, "accept any certificate; for tests on your own machine")
}

// parse makes the targets. There are none if no flag names one. Development tells that
// the development secret signs for some of them.
func (f *targetFlags) parse(types []string) (targets []emitter.Target, secret signature.Secret, development bool, err error) {
	secret, development, err = readSecret(f.secret)
	if err != nil {
		return nil, nil, false, err
	}
	next, err := nextSecret(f.next, development)
	if err != nil {
		return nil, nil, false, err
	}
	header, err := parseHeaders(f.headers)
	if err != nil {
		return nil, nil, false, err
	}
	tls := emitter.TLS{CAFile: f.ca, CertFile: f.cert, KeyFile: f.key, InsecureSkipVerify: f.insecure}
	if len(f.to) == 0 && f.file == "" {
		return nil, secret, development, f.idle()
	}
	for _, url := range f.to {
		targets = append(targets, emitter.Target{URL: url, Secret: secret, NextSecret: next, Types: types, Header: header, TLS: tls, Allow: f.allow})
	}
	if f.file == "" {
		return targets, secret, development, nil
	}
	listed, err := readTargets(f.file, emitter.Target{Types: types, TLS: tls, Header: header, Allow: f.allow})
	if err != nil {
		return nil, nil, false, err
	}
	usesDefault := len(f.to) > 0
	for i := range listed {
		if listed[i].Secret == nil {
			listed[i].Secret, usesDefault = secret, true
			if listed[i].NextSecret == nil {
				listed[i].NextSecret = next
			}
		}
	}
	return append(targets, listed...), secret, development && usesDefault, nil
}

// idle refuses flags that are about targets where there are none.
func (f *targetFlags) idle() error {
	var idle []string
	for _, flag := range []struct {
		name  string
		given bool
	}{{"--header", len(f.headers) > 0}, {"--allow-target", len(f.allow) > 0}, {"--ca", f.ca != ""}, {"--cert", f.cert != ""},
		{"--key", f.key != ""}, {"--insecure", f.insecure}} {
		if flag.given {
			idle = append(idle, flag.name)
		}
	}
	if idle == nil {
		return nil
	}
	return usage("%s: there is no target; add --to or --targets", strings.Join(idle, ", "))
}

func parseHeaders(lines []string) (http.Header, error) {
	header := http.Header{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, usage("--header: want \"Name: value\"; there is no colon behind a name")
		}
		header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return header, nil
}

// sendFlags say how to send.
type sendFlags struct {
	speed       string
	connections int
	waiting     int
	timeout     time.Duration
	retryFor    time.Duration
	patience    time.Duration
	traceparent bool
	engine      emitter.Engine
}

// addRequest adds the flags about single requests.
func (f *sendFlags) addRequest(flags *pflag.FlagSet) {
	flags.DurationVar(&f.timeout, "timeout", emitter.DefaultTimeout, "`D` time limit for a complete response")
	flags.TextVar(&f.engine, "engine", emitter.AutoEngine, "`auto|http|lane` HTTP client to use; see docs/targets.md")
	flags.BoolVar(&f.traceparent, "traceparent", false, "send a traceparent header (W3C Trace Context): a trace for each notification, a span for each attempt")
}

// addPace adds the flags about when requests are sent.
func (f *sendFlags) addPace(flags *pflag.FlagSet) {
	flags.StringVar(&f.speed, "speed", "1", "`N|max` scenario seconds per real second; max: as fast as the targets respond")
	flags.DurationVar(&f.retryFor, "retry-for", emitter.DefaultRetryFor, "`D` stop retrying after this scenario time (0: no retries)")
	flags.DurationVar(&f.patience, "patience", emitter.DefaultPatience, "`D` give up on a target that has never responded, after this long (0: at once; negative: never)")
	flags.IntVar(&f.connections, "connections", emitter.DefaultConnections, "`N` requests in flight per target, at most")
	flags.IntVar(&f.waiting, "waiting", emitter.DefaultWaiting, "`N` notifications queued per target, at most: half for first attempts, half for retries; more are not sent, and counted")
}

func (f *sendFlags) parse() (emitter.Emitter, error) {
	e := emitter.Emitter{Pacing: emitter.Kernel, Waiting: f.waiting, Connections: f.connections, Timeout: f.timeout, RetryFor: f.retryFor, Patience: f.patience, Traceparent: f.traceparent, Engine: f.engine}
	if f.connections < 1 {
		return e, usage("--connections: want at least 1, got %d", f.connections)
	}
	if f.waiting < 1 {
		return e, usage("--waiting: want at least 1, got %d", f.waiting)
	}
	if f.timeout <= 0 {
		return e, usage("--timeout: want a time such as 10s, got %s", f.timeout)
	}
	if f.retryFor == 0 { // the zero value of the library means its default
		e.RetryFor = -1
	}
	if f.patience == 0 {
		e.Patience = time.Nanosecond
	}
	var err error
	e.Speed, err = parseSpeed(f.speed)
	return e, err
}
