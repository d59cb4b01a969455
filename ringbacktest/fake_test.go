package ringbacktest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// fake records what a test is told. It embeds the real test for what it does not record,
// since nobody else can implement testing.TB.
type fake struct {
	testing.TB
	ctx    context.Context // instead of the test's own, if set
	errors []string
	logs   []string
	ended  bool // by Fatalf
}

// endTest unwinds a call that ends the test.
type endTest struct{}

func (f *fake) Helper() {}

func (f *fake) Context() context.Context {
	if f.ctx != nil {
		return f.ctx
	}
	return f.TB.Context()
}

func (f *fake) Logf(format string, args ...any) {
	f.logs = append(f.logs, fmt.Sprintf(format, args...))
}
func (f *fake) Errorf(format string, args ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}
func (f *fake) Error(args ...any) { f.errors = append(f.errors, fmt.Sprint(args...)) }

func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	f.ended = true
	panic(endTest{})
}

// said is all that the test was told in errors.
func (f *fake) said() string { return strings.Join(f.errors, "\n") }

// watch calls what may fail, and returns what the test was told.
func watch(t *testing.T, call func(t testing.TB)) *fake {
	t.Helper()
	f := &fake{TB: t}
	watchAs(f, call)
	return f
}

func watchAs(f *fake, call func(t testing.TB)) {
	defer func() {
		if v := recover(); v != nil && v != (endTest{}) {
			panic(v)
		}
	}()
	call(f)
}

// want fails the test unless the fake was told all the texts.
func (f *fake) want(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(f.said(), text) {
			t.Errorf("the test was told:\n%s\nwant it to contain %q", f.said(), text)
		}
	}
}

// strict is the reference consumer with the development secret.
func strict(t testing.TB) *receiver.Receiver {
	t.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	return receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
}

// answer is a consumer that answers everything with one status.
func answer(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

// exampleT is the t of examples: what it is told, is printed, where it spoils the output.
type exampleT struct{ testing.TB }

func (*exampleT) Helper()                           {}
func (*exampleT) Context() context.Context          { return context.Background() }
func (*exampleT) Logf(string, ...any)               {}
func (*exampleT) Error(args ...any)                 { fmt.Println(args...) }
func (*exampleT) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (*exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
