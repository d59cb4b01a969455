package sandbox

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/scenario/assume"
)

// DefaultListen is the default address of the sandbox.
const DefaultListen = "127.0.0.1:8484"

// Options of a sandbox. The zero value keeps everything in memory and listens on DefaultListen.
type Options struct {
	Listen string // HOST:PORT; port 0 takes a free one; empty: DefaultListen
	Data   string // folder of the state; empty: nothing is kept

	ClientID, ClientSecret string // both or none; none: generated once, and kept

	CertFile, KeyFile string // PEM files of the server's certificate; both or none
	InsecureHTTP      bool   // allow other machines without TLS
	PublicHost        string // HOST or HOST:PORT of a TLS proxy in front of the sandbox

	Propagation time.Duration // from a change of a subscription until it takes effect
	Speed       float64       // of the retry schedule; 0: 1
	Timeout     time.Duration // for a complete response of a consumer; 0: 10 s
	Connections int           // requests in flight per subscription; 0: 8
	Allow       []string      // public hosts that may be targets
	InsecureTLS bool          // accept any certificate of a consumer
	Assume      assume.Set    // of all deliveries, and of runs and conversations that choose nothing else

	RateLimit RateLimit // of the vendor API; the zero value is generous

	KeepFor  time.Duration // retention of delivered and failed notifications; 0: 7 days
	KeepMost int64         // size of the state in bytes beyond which the oldest of them are deleted; 0: 1 GiB

	Version   string
	Log       func(line string) // gets errors, a line each; nil: nobody does
	AccessLog bool              // write a line to Log for each request
}

// RateLimit bounds the requests to the vendor API, those for tokens apart from the others. The
// vendor does not publish its figures; the zero value lets a script create hundreds of
// subscriptions. Beyond it requests get status 429 with Retry-After.
type RateLimit struct {
	PerSecond float64 // requests a second in the long run; 0: 100
	Burst     int     // requests at once; 0: 500
}

// shortestSecret is the minimum length of a given secret, in characters, where other machines can
// reach the sandbox.
const shortestSecret = 16

// OptionError is a reason not to open a sandbox, with the options that would cure it.
type OptionError struct {
	Reason error
	Cure   []string // fields of Options, any one of which cures it
}

// Error is the reason and the fields.
func (e *OptionError) Error() string {
	return e.Reason.Error() + "; set Options." + strings.Join(e.Cure, " or Options.")
}

// Unwrap is the reason.
func (e *OptionError) Unwrap() error { return e.Reason }

// Check returns the first problem of the options, before anything is opened.
func (o *Options) Check() error {
	host, _, err := net.SplitHostPort(o.listen())
	if err != nil {
		return fmt.Errorf("want an address HOST:PORT to listen on, such as %s, got %q", DefaultListen, o.Listen)
	}
	switch {
	case (o.ClientID == "") != (o.ClientSecret == ""):
		return errors.New("a client ID and a client secret go together: set both or none")
	case strings.ContainsAny(o.ClientID, ": \t\r\n"):
		return errors.New("the client ID must not contain colons or blanks: HTTP Basic does not allow them")
	case (o.CertFile == "") != (o.KeyFile == ""):
		return errors.New("a certificate and its key go together: set both files or none")
	case o.Speed < 0 || o.Speed > 1e9:
		return fmt.Errorf("want a speed above 0, got %v", o.Speed)
	case o.Timeout < 0:
		return fmt.Errorf("want a timeout above 0 s, got %s", o.Timeout)
	case o.Connections < 0:
		return fmt.Errorf("want at least 1 connection per subscription, got %d", o.Connections)
	case o.Propagation < 0:
		return fmt.Errorf("want a propagation of 0 s or more, got %s", o.Propagation)
	}
	if err := checkPublicHost(o.PublicHost); err != nil {
		return err
	}
	if !netguard.IsLoopback(host) && !o.tls() && !o.InsecureHTTP {
		return &OptionError{fmt.Errorf("%s is open to other machines, and secrets would cross the network unencrypted", o.listen()), []string{"CertFile", "InsecureHTTP"}}
	}
	if n := utf8.RuneCountInString(o.ClientSecret); o.login() && n > 0 && n < shortestSecret {
		return fmt.Errorf("the client secret can be guessed by other machines: want at least %d characters, got %d", shortestSecret, n)
	}
	return nil
}

func checkPublicHost(host string) error {
	if host == "" {
		return nil
	}
	name, port, ok := netguard.SplitHost(host, "443")
	if _, err := strconv.ParseUint(port, 10, 16); !ok || err != nil || strings.ContainsAny(name, "/ *@") {
		return fmt.Errorf("want a public host such as sandbox.example.com, without scheme and path, got %q", host)
	}
	return nil
}

func (o *Options) listen() string {
	if o.Listen == "" {
		return DefaultListen
	}
	return o.Listen
}

func (o *Options) tls() bool { return o.CertFile != "" }

// login reports whether the console and the control API require credentials: other machines can
// reach the server. Behind a proxy all requests come from this machine.
func (o *Options) login() bool {
	return !netguard.ListensHere(o.listen()) || o.PublicHost != ""
}

func (o *Options) say(format string, args ...any) {
	if o.Log != nil {
		o.Log(fmt.Sprintf(format, args...))
	}
}

// lines writes log records as lines without time and level.
type lines func(line string)

func (l lines) Write(p []byte) (int, error) {
	l(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// logger gets the internal errors of the engine and the vendor API; nil: nobody does.
func (o *Options) logger() *slog.Logger {
	if o.Log == nil {
		return nil
	}
	return slog.New(slog.NewTextHandler(lines(o.Log), &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}}))
}
