// Package published holds the examples of the API's documentation, for the tests of all that
// reads or serves them.
//
// The documented notifications come out byte for byte, as their pages print them and on one line,
// and the documented requests to the management API with their answers. The package promises
// that each example is in one place only, so that no two tests can differ about it. Only tests
// import it.
package published

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
)

//go:embed testdata/*.json
var files embed.FS

// Notification is a documented example.
type Notification struct {
	Name    string
	Text    []byte   // as the page prints it, over many lines
	Compact []byte   // the same on one line, as it travels
	Notes   []string // the rules of the receiver that the example does not keep, by itself
	Begins  bool     // whether its channel begins with it
}

// Forms are the texts of the example by what they are.
func (n *Notification) Forms() map[string][]byte {
	return map[string][]byte{"as published": n.Text, "on one line": n.Compact}
}

// Notifications returns the five documented examples of v0, and that of the page of
// channel.alerted.v1, whose time has half a second more than its timestamp, with all of its
// digits and with milliseconds.
func Notifications(t testing.TB) []Notification {
	t.Helper()
	paths, err := fs.Glob(files, "testdata/*.json")
	if err != nil || len(paths) != 5 {
		t.Fatalf("%d documented examples, %v; want 5", len(paths), err)
	}
	var all []Notification
	for _, path := range paths {
		text, err := files.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, notification(t, strings.TrimSuffix(path[len("testdata/"):], ".json"), text, "id-second"))
	}
	alerted := bytes.Replace(all[0].Text, []byte(".v0"), []byte(".v1"), 1)
	return append(all,
		notification(t, "channel.alerted.v1", alerted, "v1-time-differs"),
		notification(t, "channel.alerted.v1 in milliseconds", bytes.Replace(alerted, []byte("36.6134321Z"), []byte("36.613Z"), 1), "v1-time-differs"))
}

func notification(t testing.TB, name string, text []byte, notes ...string) Notification {
	t.Helper()
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return Notification{Name: name, Text: text, Compact: line.Bytes(), Notes: notes, Begins: strings.HasPrefix(name, "channel.alerted")}
}
