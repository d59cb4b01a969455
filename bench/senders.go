package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ringback/ringback/signature"
)

// sender is a program in one of its modes.
type sender struct {
	name   string
	tool   string // what it needs; empty: ringback
	script string // of the tool; of the stand-in, its way
	signed bool   // every request is fresh and signed
	tls    bool   // sends over TLS; ringback alone
	engine string // of ringback; empty: the one it takes by itself
}

// The senders, all to be compared with the first.
func ours() sender           { return sender{name: "ringback", signed: true} }
func oursTLS() sender        { return sender{name: "ringback, TLS", signed: true, tls: true} }
func oursBy(e string) sender { return sender{name: "ringback, --engine " + e, signed: true, engine: e} }
func wrkStatic() sender      { return sender{name: "wrk, static", tool: "wrk", script: "static.lua"} }
func wrkSigning() sender {
	return sender{name: "wrk, signing", tool: "wrk", script: "sign.lua", signed: true}
}
func wrkTuned() sender {
	return sender{name: "wrk, signing, tuned", tool: "wrk", script: "sign-tuned.lua", signed: true}
}
func wrk2Static() sender { return sender{name: "wrk2, static", tool: "wrk2", script: "static.lua"} }
func standinForWrk2() sender {
	return sender{name: "stand-in for wrk2", tool: "standin", script: "wrk2"}
}
func standinByMoment() sender {
	return sender{name: "stand-in, to the moment", tool: "standin", script: "moment"}
}
func vegetaStatic() sender { return sender{name: "vegeta, static", tool: "vegeta"} }
func k6Signing() sender {
	return sender{name: "k6, signing", tool: "k6", script: "k6.js", signed: true}
}
func k6Tuned() sender {
	return sender{name: "k6, signing, tuned", tool: "k6", script: "k6-tuned.js", signed: true}
}
func heyStatic() sender { return sender{name: "hey, static", tool: "hey"} }
func autocannon() sender {
	return sender{name: "autocannon, signing", tool: "autocannon", script: "autocannon.cjs", signed: true}
}
func autocannonTuned() sender {
	return sender{name: "autocannon, signing, tuned", tool: "autocannon", script: "autocannon-tuned.cjs", signed: true}
}

// pacing are the senders that keep a pace.
func pacing() []sender {
	return []sender{ours(), wrk2Static(), standinForWrk2(), standinByMoment(), vegetaStatic(), k6Tuned()}
}

// wrk2 is what a pace is compared with: wrk2, or its stand-in where wrk2 is missing.
func (b *bench) wrk2() sender {
	if b.can(wrk2Static()) {
		return wrk2Static()
	}
	return standinForWrk2()
}

// job is what a sender has to do.
type job struct {
	url         string // of the sink, without a path
	ca          string // file with its certificate, if it speaks TLS
	connections int
	rate        int           // a second; 0: as many as can be
	lasting     time.Duration // bound; most are killed earlier
	more        []string      // flags for ringback
}

// story is how ringback is told a rate: evenly by slots, or, in a version without them,
// by conversations of which one notification is sent.
func (b *bench) story(rate int) []string {
	if b.has("--events") {
		return []string{"run", "inbound-call", "--events", fmt.Sprintf("%d/s", rate)}
	}
	return []string{"run", b.script("one.yaml"), "--types", "channel.alerted.v0", "--calls", fmt.Sprintf("%d/s", rate)}
}

func (b *bench) ringbackCommand(s sender, j job) []string {
	args := []string{"run", "inbound-call", "--speed", "max", "--calls", "20/s", "--count", "100000000", "--start", "2025-03-03T09:00:00Z", "--output", "quiet"}
	if j.rate > 0 {
		args = append(b.story(j.rate), "--lag", "0s", "--for", j.lasting.String(), "--output", "json")
	}
	args = append(args, "--to", j.url+"/events", "--connections", fmt.Sprint(j.connections), "--seed", "7")
	if s.engine != "" {
		args = append(args, "--engine", s.engine)
	}
	if s.tls {
		args = append(args, "--ca", j.ca)
	}
	if b.has("--progress") {
		args = append(args, "--progress", "off")
	}
	return append(append(append([]string{b.ringback}, args...), j.more...), strings.Fields(b.with)...)
}

// command is the environment and the command line of s for j.
func (b *bench) command(s sender, j job) (env, command []string) {
	lasting := fmt.Sprintf("%ds", int(j.lasting.Seconds()))
	env = []string{
		"SECRET=" + signature.DevelopmentSecret, "BODY=" + b.body, "TOKEN=" + b.token, "URL=" + j.url + "/events", "FOR=" + lasting,
		fmt.Sprintf("CONNECTIONS=%d", j.connections), fmt.Sprintf("RATE=%d", j.rate), "NODE_PATH=" + b.cache + "/npm/node_modules",
	}
	connections := fmt.Sprint(j.connections)
	switch s.tool {
	case "":
		return nil, b.ringbackCommand(s, j)
	case "wrk":
		secret, _ := signature.ParseSecret(signature.DevelopmentSecret) // it is a constant
		env = append(env, "SECRET_BYTES="+string(secret))               // Lua has no Base64
		return env, []string{b.tools["wrk"], "-t", "1", "-c", connections, "-d", lasting, "-s", b.script(s.script), j.url + "/events"}
	case "wrk2":
		return env, []string{b.tools["wrk2"], "-t", "1", "-c", connections, "-d", lasting, "-R", fmt.Sprint(j.rate), "-s", b.script(s.script), j.url + "/events"}
	case "standin": // without the signals by which the Go scheduler looks for somebody to share the core with
		return []string{"GODEBUG=asyncpreemptoff=1"}, []string{b.tools["standin"], "--to", j.url + "/events", "--body", b.body, "--token", b.token,
			"--rate", fmt.Sprint(j.rate), "--connections", connections, "--for", lasting, "--way", s.script}
	case "vegeta":
		return env, []string{b.tools["vegeta"], "attack", "-targets", b.vegetaTargets(j.url), "-rate", fmt.Sprintf("%d/1s", j.rate), "-duration", lasting,
			"-connections", connections, "-max-connections", connections, "-max-body", "0", "-http2=false", "-output", "/dev/null"}
	case "k6":
		return env, []string{b.tools["k6"], "run", "--quiet", "--summary-mode=disabled", "--no-usage-report", "--address=", b.script(s.script)}
	case "autocannon":
		return env, []string{b.tools["autocannon"], b.script(s.script)}
	case "hey":
		return env, []string{b.tools["hey"], "-z", lasting, "-c", connections, "-m", "POST", "-T", "application/cloudevents+json",
			"-H", "Vonage-Signature: " + b.token, "-D", b.body, j.url + "/events"}
	}
	return nil, nil
}

// vegetaTargets writes down the one request that vegeta repeats, and returns the file.
func (b *bench) vegetaTargets(url string) string {
	file := filepath.Join(b.work, "targets.txt")
	text := fmt.Sprintf("POST %s/events\nContent-Type: application/cloudevents+json\nVonage-Signature: %s\n@%s\n", url, b.token, b.body)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		b.say("vegeta: %v", err) // it will say that it has no targets
	}
	return file
}

// can reports whether s can be measured here.
func (b *bench) can(s sender) bool {
	if s.tool == "" {
		return s.engine == "" || b.has("--engine")
	}
	return b.tools[s.tool] != ""
}
