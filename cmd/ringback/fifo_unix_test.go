//go:build unix

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A workload may be somebody else's: what it names must not make ringback wait for ever.
func TestAWorkloadCannotNameAPipe(t *testing.T) {
	dir := folderWith(t, map[string]string{"w.yaml": "name: w\nstory: A pipe.\narrivals: [{csv: pipe.csv}]\nmix: [{scenario: voicemail, weight: 1}]\n"})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600); err != nil {
		t.Skip(err)
	}
	status, _, err := call(t, "", "validate", filepath.Join(dir, "w.yaml"))
	if status != exitScenario || !strings.Contains(err, "want a file, not a pipe or a device") {
		t.Errorf("status %d, %q; want %d and what is wrong", status, err, exitScenario)
	}
}

// What is read once may come through a pipe, as a shell makes one for <(…).
func TestFilesMayBePipes(t *testing.T) {
	dir := folderWith(t, nil)
	_, bodies, _ := call(t, "", "plan", "inbound-call", "--seed", "7", "--start", "2025-03-03T09:00:00Z", "--format", "ndjson")
	cert, key := keyPair(t)
	for i, c := range []struct{ args, text string }{
		{"verify PIPE", bodies}, {"replay PIPE --dry-run", bodies}, {"validate PIPE", goodStory}, {"run PIPE --dry-run", goodStory},
		{"run inbound-call --dry-run --to http://127.0.0.1:9/ --secret @PIPE", strings.Repeat("QUJD", 20)},
		{"run inbound-call --dry-run --targets PIPE", "targets:\n  - name: a\n    url: http://127.0.0.1:9/\n"},
		{"examine --list --ca PIPE --to https://127.0.0.1:9/", cert},
		{"run inbound-call --dry-run --to https://127.0.0.1:9/ --cert PIPE --key " + fileOf(t, "key.pem", key), cert},
		{"run inbound-call --dry-run --to https://127.0.0.1:9/ --key PIPE --cert " + fileOf(t, "cert.pem", cert), key},
	} {
		pipe := filepath.Join(dir, fmt.Sprintf("pipe%d", i))
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip(err)
		}
		done := make(chan error, 1)
		go func() {
			w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
			if err == nil {
				_, err = w.WriteString(c.text)
				err = errors.Join(err, w.Close())
			}
			done <- err
		}()
		status, _, errs := call(t, "", strings.Fields(strings.ReplaceAll(c.args, "PIPE", pipe))...)
		if status != exitOK {
			t.Errorf("%s: status %d\n%s", c.args, status, errs)
		}
		r, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0) // lets the writer go on if nobody has read
		if err == nil {
			<-done
			r.Close()
		}
	}
}

// A state that is a pipe is refused at once, and a second signal ends the wait for a certificate that never comes.
func TestServeWaitsForNoPipe(t *testing.T) {
	dir := folderWith(t, nil)
	if err := errors.Join(os.Chmod(dir, 0o700), syscall.Mkfifo(filepath.Join(dir, "sandbox.db"), 0o600)); err != nil {
		t.Skip(err)
	}
	status, _, errs := call(t, "", "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if want := "sandbox.db: this is no state of a sandbox: it is not a file but a pipe"; status != exitUsage || !strings.Contains(errs, want) {
		t.Errorf("status %d, want %d and %q:\n%s", status, exitUsage, want, errs)
	}
	var out, said bytes.Buffer
	signals := make(chan os.Signal, 2)
	signals <- os.Interrupt
	signals <- os.Interrupt
	args := []string{"serve", "--data", "memory", "--listen", "127.0.0.1:0", "--tls-cert", filepath.Join(dir, "sandbox.db"), "--tls-key", filepath.Join(dir, "sandbox.db")}
	if status := run(t.Context(), args, stdio{strings.NewReader(""), &out, &said}, signals); status != exitInterrupted {
		t.Errorf("status %d, want %d:\n%s", status, exitInterrupted, said.String())
	}
	if w, err := os.OpenFile(filepath.Join(dir, "sandbox.db"), os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		w.Close() // who reads it still sees its end
	}
}

func TestCertificatesAreBounded(t *testing.T) {
	for _, args := range []string{"run chat --dry-run --to https://127.0.0.1:9/ --ca /dev/zero", "run chat --dry-run --to https://127.0.0.1:9/ --cert /dev/zero --key /dev/zero",
		"serve --data memory --listen 127.0.0.1:0 --tls-cert /dev/zero --tls-key /dev/zero"} {
		if status, _, errs := call(t, "", strings.Fields(args)...); status != exitUsage || !strings.Contains(errs, "/dev/zero: more than 1 MiB are no certificate and no key") {
			t.Errorf("%s: status %d\n%s", args, status, errs)
		}
	}
}

// keyPair is a certificate and its key, in PEM.
func keyPair(t *testing.T) (cert, key string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
