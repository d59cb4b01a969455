package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// program is a running ringback serve.
type program struct {
	cmd *exec.Cmd
	api string // of the control API
	url string
}

func start(ctx context.Context, path, data string) (*program, error) {
	cmd := exec.CommandContext(ctx, path, "serve", "--listen", "127.0.0.1:0", "--data", data)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		name, url, _ := strings.Cut(lines.Text(), " ")
		if name == "console" {
			url = strings.TrimSuffix(strings.TrimSpace(url), "/")
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return &program{cmd: cmd, url: url, api: url + "/sandbox/v1"}, nil
		}
	}
	return nil, fmt.Errorf("%s serve has not begun: %w", path, cmd.Wait())
}

// stop ends the program as a user would.
func (p *program) stop() error {
	_ = p.cmd.Process.Signal(os.Interrupt)
	return p.cmd.Wait()
}

// post sends a JSON object and reads the answer into v.
func (p *program) post(ctx context.Context, path string, body, v any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return p.do(ctx, http.MethodPost, path, bytes.NewReader(text), v)
}

func (p *program) do(ctx context.Context, method, path string, body io.Reader, v any) error {
	req, err := http.NewRequestWithContext(ctx, method, p.api+path, body)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, text)
	}
	return json.Unmarshal(text, v)
}

// counts are what the control API says.
type counts struct {
	Notifications int64            `json:"notifications"`
	Deliveries    map[string]int64 `json:"deliveries"`
}

func (c *counts) all() (n int64) {
	for _, of := range c.Deliveries {
		n += of
	}
	return n
}

// sizes are MiB of memory.
type sizes struct {
	Begin float64 `json:"begin"`
	Max   float64 `json:"max"`
	End   float64 `json:"end"`
}

// rss is the memory of a process in MiB, 0 where there is no /proc.
func rss(pid int) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseFloat(fields[0], 64)
	return kib / 1024
}

// cpu is the CPU time of a process so far, 0 where there is no /proc.
func cpu(pid int) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * hundredth
}
