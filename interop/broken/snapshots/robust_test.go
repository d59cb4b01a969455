package snapshots

import (
	"fmt"
	"time"
)

// robustProvocations are about concurrency, crashes and endurance.
var robustProvocations = map[string]func(*kit){
	"one-current-event": func(k *kit) {
		k.atOnce(elsewhere(0), elsewhere(1), elsewhere(2))
		for i := range 3 {
			k.expect("known", k.told(conv(i), "") != nil, true)
		}
	},
	"read-modify-write": burst,
	"document-of-the-call": func(k *kit) {
		all := inCall(ev{})
		k.post(ev{kind: "alerted", ch: "b"}.body(), all[0])
		k.atOnce(all[1], ev{kind: "connected", ch: "b"}.body())
		k.want("connected", 2)
		k.expect("other", k.told("", "b")["notifications"], 2)
	},
	"optimistic-without-retry": burst,
	"first-insert-wins":        burst,
	"check-then-insert": func(k *kit) {
		b := ev{kind: "alerted"}.body()
		k.atOnce(b, b, b)
		k.want("alerting", 1)
	},
	"marked-though-it-failed":   func(k *kit) { k.post(append(inCall(ev{ch: "b"}), inCall(ev{})...)...); k.wantCall(7) },
	"counts-each-attempt":       func(k *kit) { k.post(append(inCall(ev{ch: "b"}), inCall(ev{})...)...); k.wantCall(7) },
	"marked-though-it-was-busy": burst,
	"slower-and-slower": func(k *kit) {
		many(k, 4000)
		begun := time.Now()
		k.post(ev{kind: "alerted"}.body())
		k.expect("took a while", time.Since(begun) > 50*time.Millisecond, false)
	},
	"too-many-open-files": func(k *kit) { many(k, 2500); k.post(ev{kind: "alerted"}.body()) },

	"memory-only":         crashed(0),
	"write-behind":        crashed(50 * time.Millisecond),
	"async-without-await": crashed(0),
	"batches-of-20":       crashed(time.Second),
	"written-when-ended":  func(k *kit) { k.post(inCall(ev{})[:3]...); k.c.Crash(k.t); k.want("held", 3) },
	"counter-in-memory":   crashed(time.Second),
	"marks-then-stores":   crashedWithin,
	"stores-then-marks":   crashedWithin,
	"seen-in-memory":      func(k *kit) { all := inCall(ev{}); k.post(all...); k.c.Crash(k.t); k.post(all...); k.wantCall(7) },
	"warms-up-with-100": func(k *kit) {
		all := inCall(ev{})
		k.post(all...)
		time.Sleep(time.Second)
		many(k, 100)
		k.c.Crash(k.t)
		k.post(all...)
		k.wantCall(7)
	},
}

func conv(i int) string { return fmt.Sprintf("c0000000-0000-4000-8000-0000000000a%d", i) }

// elsewhere is a notification of a conversation of its own.
func elsewhere(i int) []byte { return ev{kind: "alerted", conv: conv(i)}.body() }

// burst sends a call at once.
func burst(k *kit) {
	k.atOnce(inCall(ev{})...)
	k.wantCall(7)
}

func many(k *kit, n int) {
	for i := range n {
		k.post(ev{kind: "alerted", conv: fmt.Sprintf("c0000000-0000-4000-8001-%012d", i)}.body())
	}
}

// crashed crashes the consumer so long after the last answer.
func crashed(after time.Duration) func(*kit) {
	return func(k *kit) {
		k.post(inCall(ev{})...)
		time.Sleep(after)
		k.c.Crash(k.t)
		k.wantCall(7)
	}
}

// crashedWithin crashes the consumer 5 ms into the first notification, which is tried again.
func crashedWithin(k *kit) {
	all := inCall(ev{})
	time.AfterFunc(5*time.Millisecond, func() { k.c.Crash(k.t) })
	k.post(all...)
	k.wantCall(7)
}
