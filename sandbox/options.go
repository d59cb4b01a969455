package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/scenario/assume"
)

// DefaultListen is the default address of the sandbox.
const DefaultListen = "127.0.0.1:8484"

// Options of a sandbox. The zero value keeps everything in memory and listens on DefaultListen.
type Options struct {
	Listen string // HOST:PORT; port 0 takes a free one; empty: DefaultListen
	Data   string // folder of the state; empty: nothing is kept

	ClientID, ClientSecret string   // both or none; none: generated once, and kept
	ClientScopes           []string // of admin:read and admin:write; empty: both

	CertFile, KeyFile string // PEM files of the server's certificate; both or none
	InsecureHTTP      bool   // allow other machines without TLS
	PublicHost        string // HOST or HOST:PORT of a TLS proxy in front of the sandbox

	Propagation time.Duration // from a change of a subscription until it takes effect
	Speed       float64       // of the retry schedule; 0: 1
	Timeout     time.Duration // for a complete response of a consumer; 0: 10 s
	Connections int           // requests in flight per subscription; 0: 8
	Allow       []string      // public hosts that may be targets
	InsecureTLS bool          // accept any certificate of a consumer
	Unordered   bool          // first attempts of a conversation do not wait for one another, and runs that choose no order send in bursts
	Assume      assume.Set    // of all deliveries, and of runs and conversations that choose nothing else

	RateLimit RateLimit // of the vendor API; the zero value is generous

	KeepFor  time.Duration // retention of delivered and failed notifications; 0: 7 days
	KeepMost int64         // size of the state in bytes, 1 MiB or more: near it the oldest of them are deleted, and at it nothing new is accepted; 0: 1 GiB

	// SmallVolume gets how many bytes the state may have, if its volume has no space for KeepMost. With less than 1 MiB, the volume
	// becomes full before the state has reached its limit. Nil: nobody does.
	SmallVolume func(most int64)

	Version   string
	Log       func(line string) // gets errors and warnings, a line each; nil: nobody does
	AccessLog bool              // write a line to Log for each request

	// Deliveries gets a line for each attempt to deliver, at most 20 in a second and one that counts the others. It holds
	// no secret and no control character. Nil: nobody does.
	Deliveries func(line string)
}

// RateLimit bounds the requests of the client to the vendor API, those for tokens apart from the
// others; what strangers send takes nothing of it. The vendor does not publish its figures; the zero
// value lets a script create hundreds of subscriptions. Beyond it requests get status 429 with
// Retry-After.
type RateLimit struct {
	PerSecond float64 // requests a second in the long run; 0: 100
	Burst     int     // requests at once; 0: 500
}

// shortestSecret is the minimum length of a given secret, in characters, where other machines can
// reach the sandbox.
const shortestSecret = 16

// OptionError is a reason not to open a sandbox, with the options that it is about and those
// that would cure it.
type OptionError struct {
	Reason error
	Of     []string   // fields of Options with a wrong value
	Cure   [][]string // ways to cure it, each with the fields of Options that it takes
}

// Error is the reason and the fields.
func (e *OptionError) Error() string {
	return e.Text(func(field string) string { return "Options." + field })
}

// Text is the error with another name for each field, such as that of a flag.
func (e *OptionError) Text(name func(field string) string) string {
	list := func(fields []string, between string) string {
		var names []string
		for _, f := range fields {
			names = append(names, name(f))
		}
		return strings.Join(names, between)
	}
	text := e.Reason.Error()
	if len(e.Of) > 0 {
		text = list(e.Of, " and ") + ": " + text
	}
	if len(e.Cure) > 0 {
		var ways []string
		for _, fields := range e.Cure {
			ways = append(ways, list(fields, " with "))
		}
		text += "; use " + strings.Join(ways, ", or ")
	}
	return text
}

// Unwrap is the reason.
func (e *OptionError) Unwrap() error { return e.Reason }

// Check finds what is wrong with the options, before anything is opened. Its error joins an
// *OptionError for each problem.
func (o *Options) Check() error {
	var errs []error
	refuse := func(wrong bool, fields []string, format string, args ...any) {
		if wrong {
			errs = append(errs, &OptionError{Reason: fmt.Errorf(format, args...), Of: fields})
		}
	}
	host, _, err := net.SplitHostPort(o.listen())
	refuse(err != nil, []string{"Listen"}, "want HOST:PORT, such as %s, got %q", DefaultListen, o.Listen)
	refuse((o.ClientID == "") != (o.ClientSecret == ""), []string{"ClientID", "ClientSecret"}, "they go together; give both or neither")
	refuse(strings.ContainsAny(o.ClientID, ": \t\r\n"), []string{"ClientID"}, "must not contain colons or blanks, which HTTP Basic does not allow")
	for _, scope := range o.ClientScopes {
		if err := nearest.OneOf(scope, vccapi.Scopes()); err != nil {
			refuse(true, []string{"ClientScopes"}, "%w", err)
		}
	}
	refuse((o.CertFile == "") != (o.KeyFile == ""), []string{"CertFile", "KeyFile"}, "they go together; set both files or none")
	refuse(o.Speed != 0 && !(o.Speed >= policy.LeastSpeed && o.Speed <= policy.MostSpeed), []string{"Speed"},
		"want %v to %d, got %v", policy.LeastSpeed, policy.MostSpeed, o.Speed)
	refuse(o.Timeout != 0 && (o.Timeout < policy.ShortestTimeout || o.Timeout > policy.LongestTimeout), []string{"Timeout"},
		"want %s to %s, got %s", show.Brief(policy.ShortestTimeout), show.Brief(policy.LongestTimeout), show.Long(o.Timeout))
	refuse(o.Connections < 0 || o.Connections > policy.MostConnections, []string{"Connections"}, "want 1 to %d, got %d", policy.MostConnections, o.Connections)
	refuse(o.Unordered && o.Connections == 1, []string{"Connections"}, "want at least 2 where a conversation has no order, got 1")
	if err := netguard.Allow(o.Allow).Validate(); err != nil {
		refuse(true, []string{"Allow"}, "%w", err)
	}
	refuse(o.KeepMost != 0 && o.KeepMost < 1<<20, []string{"KeepMost"}, "want a size of 1 MiB or more, got %d bytes", o.KeepMost)
	refuse(o.Propagation < 0 || o.Propagation > policy.LongestTimeout, []string{"Propagation"}, "want 0 s to %s, got %s", show.Brief(policy.LongestTimeout), show.Long(o.Propagation))
	name, port, ok := netguard.SplitHost(o.PublicHost, "443")
	_, unread := strconv.ParseUint(port, 10, 16)
	refuse(o.PublicHost != "" && (!ok || unread != nil || !netguard.IsName(name)), []string{"PublicHost"},
		"want a host such as sandbox.example.com, without scheme and path, got %q", o.PublicHost)
	if err == nil && !netguard.IsLoopback(host) && !o.tls() && !o.InsecureHTTP {
		errs = append(errs, &OptionError{Reason: fmt.Errorf("%s is open to other machines, and secrets would cross the network unencrypted, unless it is the port of a container that is published on 127.0.0.1 alone", o.listen()),
			Of: []string{"Listen"}, Cure: [][]string{{"CertFile", "KeyFile"}, {"InsecureHTTP"}}})
	}
	n := utf8.RuneCountInString(o.ClientSecret)
	refuse(o.login() && n > 0 && n < shortestSecret, []string{"ClientSecret"}, "other machines can guess it: want at least %d characters, got %d", shortestSecret, n)
	return errors.Join(errs...)
}

func (o *Options) listen() string { return cmp.Or(o.Listen, DefaultListen) }

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
