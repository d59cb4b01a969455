package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is printed to be copied works where it is printed.
func TestCommandsAreCalledAsTheProgramWas(t *testing.T) {
	folder := t.TempDir()
	file := func(parts ...string) string {
		path := filepath.Join(append([]string{folder}, parts...)...)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	installed, here, run := file("bin", "ringback"), file("my tools", "ringback"), file("go-build123", "b001", "exe", "ringback")
	link := filepath.Join(folder, "ringback")
	if err := os.Symlink(installed, link); err != nil {
		t.Skipf("there are no links here: %v", err)
	}
	for _, tt := range []struct{ self, typed, found, checkout, want string }{
		{installed, "ringback", installed, "", "ringback"},
		{installed, "ringback", link, "", "ringback"},
		{installed, installed, installed, "", "ringback"},
		{here, "./ringback", installed, "", "./ringback"},
		{here, here, "", "", "'" + here + "'"},
		{here, "ringback", "", "", "'" + here + "'"},
		{run, run, "", "cmd/ringback", "go run ./cmd/ringback"},
		{run, run, installed, "", "go run github.com/ringback/ringback/cmd/ringback@latest"},
	} {
		at := t.TempDir()
		if err := os.MkdirAll(filepath.Join(at, tt.checkout), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Chdir(at)
		if got := calledBy(tt.self, tt.typed, tt.found); got != tt.want {
			t.Errorf("%s, called as %s, with %q in the path: %q, want %q", tt.self, tt.typed, tt.found, got, tt.want)
		}
	}
}

func TestTheDemoSaysWhatWorks(t *testing.T) {
	var out, errs strings.Builder
	ctx := context.WithValue(t.Context(), name{}, "go run ./cmd/ringback")
	if status := run(ctx, []string{"demo", "--speed", "max"}, stdio{strings.NewReader(""), &out, &errs}, nil); status != exitOK || !strings.Contains(out.String(), "\nNext: go run ./cmd/ringback run ") {
		t.Errorf("status %d, %s%s", status, out.String(), errs.String())
	}
}

func TestErrorsSayWhatWorks(t *testing.T) {
	const called = "go run ./cmd/ringback"
	ctx := context.WithValue(t.Context(), name{}, called)
	for _, tt := range []struct{ line, want string }{
		{"run nosuch", "; `" + called + " list` shows them all"},
		{"run chat --too x", `see "` + called + ` run --help"`},
		{"ruun", `see "` + called + ` --help"`},
		{"replay", "`" + called + " receive --log FILE`"},
	} {
		var out, errs strings.Builder
		status := run(ctx, strings.Fields(tt.line), stdio{strings.NewReader(""), &out, &errs}, nil)
		if status != exitUsage || !strings.Contains(errs.String(), tt.want) {
			t.Errorf("%s: status %d, %s; want %s", tt.line, status, errs.String(), tt.want)
		}
	}
	at := filepath.Join(t.TempDir(), "cmd", "ringback")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(at)
	if got := calledBy("/tmp/go-build1/b001/exe/ringback", "/tmp/go-build1/b001/exe/ringback", ""); got != "go run ." {
		t.Errorf("in the folder of the program: %q", got)
	}
}
