package main

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// Flags about targets without a target are told in one order.
func TestFlagsWithoutATargetAreToldInOneOrder(t *testing.T) {
	want := "--header: there is no target; add --to or --targets"
	for range 20 {
		status, _, errs := call(t, goodStory, "run", "-", "--insecure", "--ca", "a", "--key", "k", "--cert", "c", "--header", "A: b", "--allow-target", "h")
		if status != exitUsage || !strings.Contains(errs, want) {
			t.Fatalf("status %d, %q; want %d and %q", status, errs, exitUsage, want)
		}
	}
}

// A built-in receiver that cannot listen ends the run at once, with the reason.
func TestABuiltInReceiverThatCannotListenEndsTheRun(t *testing.T) {
	var f runFlags
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	f.target.add(flags)
	f.plan.addTraffic(flags)
	f.plan.addFaults(flags)
	f.send.addPace(flags)
	f.send.addRequest(flags)
	f.result.add(flags)
	f.watch.add(flags)
	if err := flags.Parse([]string{"--speed", "max", "--patience", "2s", "--output", "quiet"}); err != nil {
		t.Fatal(err)
	}
	p := &program{stdio: stdio{strings.NewReader(goodStory), io.Discard, io.Discard}}
	r, s, err := p.parseRun(&f, flags)
	if err := errors.Join(err, r.prepareRun(t.Context(), &f, s, []string{"-"})); err != nil {
		t.Fatal(err)
	}
	r.local.listen = func() (net.Listener, error) { return nil, errors.New("no port is free") }
	began := time.Now()
	if err = r.play(t.Context()); err == nil || !strings.Contains(err.Error(), "built-in receiver: cannot listen: no port is free") || time.Since(began) > time.Second {
		t.Errorf("got %v after %s, want the reason at once", err, time.Since(began))
	}
}

// A run that ends before it begins leaves no port open.
func TestPortsAreClosedWhereARunDoesNotBegin(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	nowhere := filepath.Join(t.TempDir(), "no", "folder", "log")
	if status, _, errs := call(t, goodStory, "run", "-", "--control", address, "--log", nowhere); status != exitUsage {
		t.Fatalf("status %d, %s", status, errs)
	}
	again, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("the port is still open: %v", err)
	}
	again.Close()
}
