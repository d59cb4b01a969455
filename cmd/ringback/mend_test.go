package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestATornRowIsTakenFromALog(t *testing.T) {
	const row = `{"run":"r","seed":1}` + "\n"
	long := row + strings.Repeat("x", longestTail)
	tests := []struct{ name, text, want string }{
		{"an empty log", "", ""},
		{"whole rows", row + row, row + row},
		{"a part of a row", row + `{"run":"r","se`, row},
		{"the very beginning of a row", row + `{"r`, row},
		{"nothing but a part of a row", `{"run":"r","se`, ""},
		{"a row without its new line", row + `{"run":"r","seed":1}`, row},
		{"somebody's notes", "call Ann\nbuy milk", "call Ann\nbuy milk"},
		{"one line of something else", "milk", "milk"},
		{"a line too long to be a row", long, long},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			err := mend(path)
			if got, _ := os.ReadFile(path); err != nil || string(got) != tt.want {
				t.Errorf("the log is %.80q, %v; want %.80q", got, err, tt.want)
			}
		})
	}
	if err := mend(filepath.Join(t.TempDir(), "none")); err != nil {
		t.Errorf("a log that does not exist: %v, want no error", err)
	}
}
