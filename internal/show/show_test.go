package show_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/show"
)

func TestClippedTextsCountCharacters(t *testing.T) {
	tests := []struct{ text, clip, line string }{
		{"", "", ""},
		{"abcd", "abcd", "abcd"},
		{"abcde", "abc…", "abc…"},
		{"üüüü", "üüüü", "üüüü"},
		{"üüüüü", "üüü…", "üüü…"},
		{"日本語です", "日本語…", "日本語…"},
		{"a\r\nb", "a\r\nb", "a  b"},
		{"\x1b[31mred", "\x1b[3…", " [3…"},
		{"\xff\xff\xff\xff\xff", "\xff\xff\xff…", "���…"},
	}
	for _, tt := range tests {
		if got := show.Clip(tt.text, 4); got != tt.clip {
			t.Errorf("Clip(%q, 4) = %q, want %q", tt.text, got, tt.clip)
		}
		if got := show.Line(tt.text, 4); got != tt.line {
			t.Errorf("Line(%q, 4) = %q, want %q", tt.text, got, tt.line)
		}
	}
	if got := show.Clip(strings.Repeat("é", 300), 200); got != strings.Repeat("é", 199)+"…" {
		t.Errorf("300 characters became %q", got)
	}
}

func TestNumbersAndTimes(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{show.Counted(0, "call"), "0 calls"}, {show.Counted(1, "call"), "1 call"}, {show.Counted(31525, "call"), "31,525 calls"},
		{show.Grouped(999), "999"}, {show.Grouped(1000), "1,000"}, {show.Grouped(1<<64 - 1), "18,446,744,073,709,551,615"},
		{show.PerSecond(0), "0/s"}, {show.PerSecond(0.15625), "0.156/s"}, {show.PerSecond(19.84), "19.8/s"}, {show.PerSecond(999.49), "999/s"}, {show.PerSecond(999.6), "1,000/s"},
		{show.PerSecond(12345.6), "12,346/s"}, {show.Number(1e30), "9,223,372,036,854,775,808"},
		{show.Duration(82 * time.Microsecond), "82 µs"}, {show.Duration(1240 * time.Microsecond), "1.24 ms"},
		{show.Duration(999_999 * time.Microsecond), "999 ms"}, {show.Duration(10 * time.Second), "10 s"},
		{show.Duration(time.Hour + 62*time.Second), "1h1m2s"},
		{show.Brief(2 * time.Minute), "2m"}, {show.Brief(time.Hour), "1h"}, {show.Brief(time.Hour + time.Second), "1h0m1s"}, {show.Brief(0), "0s"}, {show.Brief(10 * time.Second), "10s"},
		{show.Offset(0), "+00:00.000"}, {show.Offset(62_345 * time.Millisecond), "+01:02.345"}, {show.Offset(time.Hour + 123456*time.Millisecond), "+1:02:03.456"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestErrorsOfFilesNameNoSystemCall(t *testing.T) {
	_, err := os.Open("no/such/file")
	got := show.FileError(err)
	if !errors.Is(got, fs.ErrNotExist) || !strings.HasPrefix(got.Error(), "no/such/file: ") {
		t.Errorf("got %q, want no/such/file and the reason", got)
	}
	if _, err := os.Open(""); show.FileError(err).Error() != "the name of the file is empty; write one" {
		t.Errorf("without a name: %v", show.FileError(err))
	}
	if other := errors.New("x"); show.FileError(other) != other || show.FileError(nil) != nil {
		t.Error("another error was changed")
	}
}

func TestErrorsOfKeyPairsNameTheFile(t *testing.T) {
	pemOf := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	var certs, keys [][]byte
	for range 2 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(1)}
		cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		certs, keys = append(certs, pemOf("CERTIFICATE", cert)), append(keys, pemOf("PRIVATE KEY", der))
	}
	for _, tt := range []struct {
		cert, key []byte
		want      string
	}{
		{keys[0], certs[0], "c.pem holds a key, and no certificate: are the two files switched?"},
		{[]byte("x"), keys[0], "c.pem holds no PEM certificate"},
		{certs[0], []byte("x"), "k.pem holds no PEM key"},
		{certs[0], keys[1], "the key in k.pem is not that of the certificate in c.pem"},
		{certs[0], pemOf("PRIVATE KEY", []byte("x")), "c.pem and k.pem cannot be used: "},
	} {
		_, err := tls.X509KeyPair(tt.cert, tt.key)
		if got := show.KeyPairError("c.pem", "k.pem", err); !strings.HasPrefix(got.Error(), tt.want) {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestBuildServersAreKnown(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        bool
	}{{"CI", "true", true}, {"CI", "1", true}, {"CI", "false", false}, {"CI", "0", false}, {"TF_BUILD", "True", true},
		{"JENKINS_URL", "http://127.0.0.1/", true}, {"TEAMCITY_VERSION", "2026.1", true}, {"BUILD", "1", false}} {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			for _, name := range []string{"CI", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION"} {
				t.Setenv(name, "")
			}
			t.Setenv(tt.name, tt.value)
			if got := show.InCI(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
			if t.Setenv("TF_BUILD", "True"); tt.name == "CI" && show.InCI() != tt.want {
				t.Error("CI does not decide")
			}
		})
	}
}
