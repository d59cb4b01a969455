package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Versions of the other senders. Debian gives wrk's.
const (
	k6Module          = "go.k6.io/k6@v1.8.1"
	heyModule         = "github.com/rakyll/hey@v0.1.5"
	autocannonPackage = "autocannon@8.0.0"
)

// install looks for the other senders, and gets those that are missing into the cache. What
// it cannot get is left out and noted.
func (b *bench) install(ctx context.Context) {
	b.installGo(ctx, "k6", k6Module)
	b.installGo(ctx, "hey", heyModule)
	b.installAutocannon(ctx)
	if path, err := exec.LookPath("wrk2"); err == nil {
		b.tools["wrk2"] = path
	} else {
		b.missing = append(b.missing, "wrk2: it is not on the path, and neither Debian nor npm nor a Go module has it")
	}
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
