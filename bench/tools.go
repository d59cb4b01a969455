package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Versions of the other senders. Debian gives wrk's.
const (
	k6Module          = "go.k6.io/k6@v1.8.1"
	heyModule         = "github.com/rakyll/hey@v0.1.5"
	vegetaModule      = "github.com/tsenart/vegeta/v12@v12.13.0"
	autocannonPackage = "autocannon@8.0.0"
)

// install looks for the other senders, and gets those that are missing into the cache. What
// it cannot get is left out and noted.
func (b *bench) install(ctx context.Context) {
	b.installGo(ctx, "k6", k6Module)
	b.installGo(ctx, "hey", heyModule)
	b.installGo(ctx, "vegeta", vegetaModule)
	b.installAutocannon(ctx)
}

func (b *bench) installGo(ctx context.Context, name, module string) {
	if exists(b.bin(name)) {
		b.tools[name] = b.bin(name)
		return
	}
	b.say("installing %s", module)
	cmd := exec.CommandContext(ctx, "go", "install", module)
	cmd.Dir, cmd.Env = b.work, append(os.Environ(), "GOBIN="+filepath.Dir(b.bin(name)), "GOFLAGS=")
	b.installed(name, b.bin(name), cmd)
}

func (b *bench) installAutocannon(ctx context.Context) {
	node, err := exec.LookPath("node")
	if err != nil {
		b.missing = append(b.missing, "autocannon: Node.js is not installed")
		return
	}
	dir := filepath.Join(b.cache, "npm")
	if !exists(filepath.Join(dir, "node_modules", "autocannon")) {
		b.say("installing %s", autocannonPackage)
		cmd := exec.CommandContext(ctx, "npm", "--prefix", dir, "install", "--no-audit", "--no-fund", "--no-package-lock", autocannonPackage)
		os.MkdirAll(dir, 0o755)
		b.installed("autocannon", node, cmd)
		return
	}
	b.tools["autocannon"] = node
}

func (b *bench) installWrk(ctx context.Context) {
	if path, err := exec.LookPath("wrk"); err == nil {
		b.tools["wrk"] = path
		return
	}
	if os.Getuid() != 0 {
		b.missing = append(b.missing, "wrk: install it with apt-get install wrk, or brew install wrk")
		return
	}
	b.say("installing wrk")
	b.installed("wrk", "/usr/bin/wrk", exec.CommandContext(ctx, "apt-get", "install", "-y", "--no-install-recommends", "wrk"))
}

// installWrk2 looks for wrk2 on the path, or builds it from the sources that were named: no
// package registry has it.
func (b *bench) installWrk2(ctx context.Context) error {
	path, err := exec.LookPath("wrk2")
	if b.wrk2Sources != "" {
		path, err = b.makeWrk2(ctx)
		if err != nil {
			return err
		}
	}
	if err != nil {
		b.missing = append(b.missing, "wrk2: it is not on the path, and neither Debian nor npm nor a Go module has it; --wrk2 DIR builds it from its sources. A stand-in was measured in its place")
		return nil
	}
	usage, _ := exec.CommandContext(ctx, path).CombinedOutput() // which ends with 1
	if !strings.Contains(string(usage), "--rate") {
		return fmt.Errorf("%s is not wrk2: its usage has no --rate", path)
	}
	b.tools["wrk2"] = path
	return nil
}

// makeWrk2 builds wrk2 in the folder of its sources, where it is called wrk.
func (b *bench) makeWrk2(ctx context.Context) (string, error) {
	dir, err := filepath.Abs(b.wrk2Sources)
	if err != nil {
		return "", err
	}
	if !exists(filepath.Join(dir, "Makefile")) {
		return "", fmt.Errorf("--wrk2: there is no Makefile in %q; name the folder of the sources of wrk2", b.wrk2Sources)
	}
	b.say("building wrk2 in %s", dir)
	if out, err := exec.CommandContext(ctx, "make", "-C", dir).CombinedOutput(); err != nil {
		return "", fmt.Errorf("--wrk2: make: %w; it needs a C compiler, libssl-dev and zlib1g-dev\n%s", err, out[max(0, len(out)-600):])
	}
	return filepath.Join(dir, "wrk"), nil
}

// installed runs an installation and notes what came of it.
func (b *bench) installed(name, path string, cmd *exec.Cmd) {
	out, err := cmd.CombinedOutput()
	if err != nil {
		text := strings.TrimSpace(string(out))
		b.missing = append(b.missing, name+": "+strings.Join(cmd.Args, " ")+" failed: "+text[max(0, len(text)-200):])
		b.say("%s is left out: %s", name, text)
		return
	}
	b.tools[name] = path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
