package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// usualName is what the program is called by whoever has installed it.
const usualName = "ringback"

// name is the key of how the program is called, in commands that it prints to be copied.
type name struct{}

// called is what to type to call this very program again.
func called() string {
	self, err := os.Executable()
	if err != nil {
		return usualName
	}
	found, _ := exec.LookPath(usualName)
	return calledBy(self, os.Args[0], found)
}

// calledBy is what to type to call a program: its usual name, if a shell finds it by that; how `go run` was told
// about it, which leaves nothing behind that could be called; or the path that was typed.
func calledBy(self, typed, found string) string {
	switch {
	case found != "" && sameFile(found, self):
		return usualName
	case strings.Contains(filepath.ToSlash(self), "/go-build"):
		if info, err := os.Stat(filepath.Join("cmd", "ringback")); err == nil && info.IsDir() {
			return "go run ./cmd/ringback"
		}
		if here, err := os.Getwd(); err == nil && strings.HasSuffix(filepath.ToSlash(here), "/cmd/ringback") {
			return "go run ."
		}
		return "go run github.com/ringback/ringback/cmd/ringback@latest"
	case strings.ContainsRune(filepath.ToSlash(typed), '/'):
		return quotedWord(typed)
	}
	return quotedWord(self)
}

func sameFile(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}
