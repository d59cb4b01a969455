package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestWhoMayBeLetIn(t *testing.T) {
	long := strings.Repeat("x", shortestSecret)
	for _, test := range []struct {
		name  string
		o     Options
		login bool
		err   string // part of it; empty: good
	}{
		{"nothing said", Options{}, false, ""},
		{"IPv6 loopback", Options{Listen: "[::1]:0"}, false, ""},
		{"localhost", Options{Listen: "localhost:0"}, false, ""},
		{"all addresses", Options{Listen: "0.0.0.0:8484"}, true, "Options.InsecureHTTP"},
		{"no address at all", Options{Listen: ":8484"}, true, "Options.InsecureHTTP"},
		{"IPv6, all addresses", Options{Listen: "[::]:8484"}, true, "Options.InsecureHTTP"},
		{"a private address", Options{Listen: "192.168.1.5:8484"}, true, "Options.InsecureHTTP"},
		{"a name", Options{Listen: "localhost.example.com:8484"}, true, "Options.InsecureHTTP"},
		{"all addresses, TLS", Options{Listen: "0.0.0.0:8484", CertFile: "c", KeyFile: "k"}, true, ""},
		{"all addresses, in the open on purpose", Options{Listen: "0.0.0.0:8484", InsecureHTTP: true}, true, ""},
		{"a proxy", Options{PublicHost: "sandbox.example.com"}, true, ""},
		{"a proxy with a scheme", Options{PublicHost: "https://sandbox.example.com"}, true, "without scheme"},
		{"a short secret, here", Options{ClientID: "a", ClientSecret: "b"}, false, ""},
		{"a proxy beyond ASCII", Options{PublicHost: "bücher.example"}, true, "want a host such as"},
		{"a proxy that is no name", Options{PublicHost: ".example.com"}, true, "want a host such as"},
		{"a proxy that is an option", Options{PublicHost: "-x"}, true, "want a host such as"},
		{"a proxy by its address", Options{PublicHost: "[2001:db8::7]:8443"}, true, ""},
		{"a short secret, there", Options{ClientID: "a", ClientSecret: "b", PublicHost: "sandbox.example.com"}, true, "at least 16"},
		{"a short secret of long characters, there", Options{ClientID: "a", ClientSecret: strings.Repeat("ü", shortestSecret/2), PublicHost: "sandbox.example.com"}, true, "at least 16 characters, got 8"},
		{"a long secret, there", Options{ClientID: "a", ClientSecret: long, PublicHost: "sandbox.example.com"}, true, ""},
		{"an ID alone", Options{ClientID: "a"}, false, "together"},
		{"a secret alone", Options{ClientSecret: "a"}, false, "together"},
		{"a colon", Options{ClientID: "a:b", ClientSecret: long}, false, "colon"},
		{"a certificate alone", Options{CertFile: "c"}, false, "together"},
		{"no port", Options{Listen: "127.0.0.1"}, true, "HOST:PORT"},
		{"the past", Options{Propagation: -time.Second}, false, "Propagation"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.o.Check()
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("Check = %v, want %q", err, test.err)
			}
			if got := test.o.login(); got != test.login {
				t.Errorf("login = %v, want %v", got, test.login)
			}
		})
	}
}

func TestTheFolderIsForItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no modes here")
	}
	dir := filepath.Join(t.TempDir(), "a", "b")
	var said string
	say := func(format string, args ...any) { said += fmt.Sprintf(format, args...) }
	path, err := prepare(dir, say)
	if err != nil || path != filepath.Join(dir, fileName) {
		t.Fatalf("prepare = %q, %v", path, err)
	}
	mode := func() os.FileMode {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if mode() != 0o700 {
		t.Errorf("mode %v, want 0700", mode())
	}
	for _, open := range []os.FileMode{0o750, 0o775, 0o701 | os.ModeSetgid} {
		if err := os.Chmod(dir, open); err != nil {
			t.Fatal(err)
		}
		if _, err := prepare(dir, say); err == nil || !strings.Contains(err.Error(), "chmod 700") || !strings.Contains(err.Error(), "such as "+filepath.Join(dir, "ringback")) {
			t.Errorf("a folder that others may enter: %v", err)
		}
	}
	// A volume is mounted anew, and all in it is opened to the group of the pod.
	if err := os.WriteFile(path, nil, 0o660); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o770|os.ModeSetgid); err != nil {
		t.Fatal(err)
	}
	if _, err := prepare(dir, say); err != nil || mode() != 0o700 || !strings.Contains(said, "mode 0770") {
		t.Errorf("a folder with a state: %v, mode %v, said %q", err, mode(), said)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "letters"), nil, 0o600), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	if _, err := prepare(dir, say); err == nil || mode() != 0o755 {
		t.Errorf("a folder with more than a state: %v, mode %v", err, mode())
	}
	if path, err := prepare("", say); path != "" || err != nil {
		t.Errorf("in memory: %q, %v", path, err)
	}
}

// An empty file may be a new one, or what is left of a state: that is said.
func TestAnEmptyFileIsSaid(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	for _, test := range []struct {
		empty bool
		want  string
	}{{false, ""}, {true, filepath.Join(dir, fileName) + " was empty: a new state begins in it; if there was one, stop the sandbox, and put a copy in its place"}, {false, ""}} {
		if test.empty {
			if err := os.Truncate(filepath.Join(dir, fileName), 0); err != nil {
				t.Fatal(err)
			}
		}
		var said string
		s, err := Open(t.Context(), Options{Listen: "127.0.0.1:0", Data: dir, Log: func(line string) { said += line }})
		if err == nil {
			err = s.Shutdown(t.Context())
		}
		if err != nil || said != test.want {
			t.Errorf("said %q, %v; want %q", said, err, test.want)
		}
	}
}

func TestTheDefaultFolder(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("another rule holds here")
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_STATE_HOME", "")
	if got, err := DefaultFolder(); got != filepath.Join(home, ".local", "state", "ringback") || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	t.Setenv("XDG_STATE_HOME", "/state")
	if got, _ := DefaultFolder(); got != "/state/ringback" {
		t.Errorf("%q", got)
	}
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "")
	if _, err := DefaultFolder(); err == nil || !strings.Contains(err.Error(), "Options.Data") {
		t.Errorf("without a home: %v", err)
	}
}

// kept is a store of settings.
type kept map[string]string

func (k kept) Setting(_ context.Context, name string) (string, error) { return k[name], nil }

func (k kept) Set(_ context.Context, name, value string) error { k[name] = value; return nil }

func TestCredentialsAreMadeOnceAndStay(t *testing.T) {
	state := kept{}
	first, err := readCredentials(t.Context(), state, &Options{})
	if err != nil || !first.Fresh || first.ID == "" || len(first.Secret) < 32 {
		t.Fatalf("first start: fresh %v, %v", first.Fresh, err)
	}
	second, _ := readCredentials(t.Context(), state, &Options{})
	if second.Fresh || second.ID != first.ID || second.Secret != first.Secret {
		t.Error("the second start has others")
	}
	given, _ := readCredentials(t.Context(), state, &Options{ClientID: "a", ClientSecret: "b"})
	if !given.Given || given.ID != "a" || given.Secret != "b" || state[settingID] != first.ID {
		t.Errorf("given: %v", given)
	}
	if other, _ := readCredentials(t.Context(), kept{}, &Options{}); other.Secret == first.Secret {
		t.Error("two sandboxes have one secret")
	}
	if strings.Contains(first.String()+first.GoString(), first.Secret) {
		t.Error("the text shows the secret")
	}
	key, err := readKey(t.Context(), state)
	if again, _ := readKey(t.Context(), state); err != nil || len(key) != 32 || string(again) != string(key) {
		t.Errorf("the key: %v", err)
	}
	state[settingKey] = "?"
	if _, err := readKey(t.Context(), state); err == nil {
		t.Error("a damaged key is taken")
	}
}

func TestAnErrorOfTheEngineIsALine(t *testing.T) {
	var got []string
	o := Options{Log: func(line string) { got = append(got, line) }}
	o.logger().Error("subscriptions cannot be read", "error", errors.New("disk full"))
	if len(got) != 1 || got[0] != `msg="subscriptions cannot be read" error="disk full"` {
		t.Errorf("lines %q", got)
	}
	if (&Options{}).logger() != nil {
		t.Error("there is a logger without Log")
	}
}
