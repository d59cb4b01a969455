package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/textfile"
	"github.com/ringback/ringback/sandbox"
)

// inMemory is the value of --data that keeps nothing.
const inMemory = "memory"

// drainTime is how long requests under way may take after a first interrupt.
const drainTime = 10 * time.Second

type serveFlags struct {
	sandbox.Options
	assume []string
	show   bool
	quiet  bool
}

func (p *program) serveCommand() *cobra.Command {
	f := serveFlags{Options: sandbox.Options{Listen: sandbox.DefaultListen, Timeout: emitter.DefaultTimeout, Connections: 8}}
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Run a local copy of the vendor's API, with a browser console",
		Long: `serve runs a sandbox: the vendor's management API with tokens and subscriptions, a delivery
engine with retries, a control API, and a console in the browser to act as an agent. The
state is kept in one file; accepted notifications are delivered even after a crash.

The sandbox is open to this machine only, unless --listen names another address. Then it
asks for credentials, and needs a certificate (--tls-cert, --tls-key) or --insecure-http.
See docs/sandbox.md.`,
		Example: `  ringback serve
  ringback serve --data memory --listen 127.0.0.1:0
  ringback serve --listen 0.0.0.0:8484 --tls-cert cert.pem --tls-key key.pem`,
		Args:    noArguments,
		PreRunE: func(*cobra.Command, []string) error { return f.parse() },
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context(), &f) },
	}
	section(cmd, "Server", f.addServer)
	section(cmd, "State", f.addState)
	section(cmd, "Delivery", f.addDelivery)
	return cmd
}

// addServer adds the flags about access to the server.
func (f *serveFlags) addServer(flags *pflag.FlagSet) {
	flags.StringVar(&f.Listen, "listen", f.Listen, "`HOST:PORT` address to listen on; port 0: any free port")
	flags.StringVar(&f.ClientID, "client-id", "", "`ID` name of the API client (default made at the first start, and kept)")
	flags.StringVar(&f.ClientSecret, "client-secret", "", "`SECRET|@FILE` secret of the API client; RINGBACK_CLIENT_SECRET keeps it out of process lists (default made at the first start, and kept)")
	flags.StringSliceVar(&f.ClientScopes, "client-scopes", nil, "`SCOPE` scope of the API client, admin:read or admin:write; may be repeated (default both)")
	flags.BoolVar(&f.show, "show-credentials", false, "print the client secret at later starts, too")
	flags.StringVar(&f.CertFile, "tls-cert", "", "`FILE` certificate of the server (PEM); needs --tls-key")
	flags.StringVar(&f.KeyFile, "tls-key", "", "`FILE` key of the server's certificate (PEM)")
	flags.StringVar(&f.PublicHost, "public-host", "", "`HOST[:PORT]` public name of a TLS proxy in front of the sandbox")
	flags.BoolVar(&f.InsecureHTTP, "insecure-http", false, "let other machines in without TLS; everybody on the network can read the secrets")
	flags.BoolVar(&f.AccessLog, "access-log", false, "print a line per request on standard error, without queries, headers and bodies")
}

// addState adds the flags about the state and its retention.
func (f *serveFlags) addState(flags *pflag.FlagSet) {
	flags.StringVar(&f.Data, "data", "", "`DIR|memory` folder of the state; memory: keep nothing (default ringback in the user's state folder)")
	parsed(flags, &f.KeepFor, "keep-for", "168h", "`D` retention of delivered and failed notifications", settings.ParseDuration)
	parsed(flags, &f.KeepMost, "keep-most", "1GiB", "`SIZE` size of the state, at most; near it the oldest delivered and failed notifications are deleted, at it nothing new is accepted", parseSize)
}

// addDelivery adds the flags about what subscriptions get.
func (f *serveFlags) addDelivery(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.Allow, "allow-target", nil, "`HOST` allow this public host, or network such as 203.0.113.0/24; may be repeated")
	parsed(flags, &f.Speed, "speed", "1", "`N` seconds of the retry schedule per real second", func(text string) (float64, error) {
		speed, err := settings.ParseSpeed(text)
		if err != nil || speed >= emitter.Max {
			err = fmt.Errorf("want %v to %d, such as 1, 20 or 0.5, got %q", policy.LeastSpeed, policy.MostSpeed, text)
		}
		return speed, err
	})
	flags.DurationVar(&f.Propagation, "propagation", 0, "`D` delay until a changed subscription takes effect; the vendor's is about 30s")
	flags.StringSliceVar(&f.assume, "assume", nil, "`NAME=VALUE` choose an assumption; see docs/assumptions.md; may be repeated")
	flags.DurationVar(&f.Timeout, "timeout", f.Timeout, "`D` time limit for a complete response")
	flags.IntVar(&f.Connections, "connections", f.Connections, "`N` requests in flight per subscription, at most")
	parsed(flags, &f.Unordered, "order", settings.InConversation, "`conversation|none` whether first attempts of a conversation wait for one another; none: runs send in bursts, too", settings.ParseOrder)
	flags.BoolVar(&f.quiet, "quiet", false, "print no line for each attempt to deliver")
	flags.BoolVar(&f.InsecureTLS, "insecure", false, "accept any certificate; for tests on your own machine")
}

func (p *program) serve(ctx context.Context, f *serveFlags) error {
	var printing sync.Mutex
	f.Version = version()
	f.Log = func(line string) {
		printing.Lock()
		defer printing.Unlock()
		fmt.Fprintln(p.err, "ringback: "+line)
	}
	f.SmallVolume = func(most int64) { f.Log(f.smallVolume(most)) }
	attempts := newLinePrinter(p.out)
	if !f.quiet {
		f.Deliveries = attempts.add
	}
	p.begin() // first, so that a signal at any moment closes what was opened
	s, err := openWithin(ctx, &f.Options)
	if err != nil {
		attempts.begin()
		attempts.end()
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	err = f.printAddresses(p.out, s)
	attempts.begin()
	if err == nil {
		select {
		case <-p.drain:
		case <-ctx.Done():
		case err = <-served:
		}
	}
	if closed := closeWithin(ctx, s.Shutdown); err == nil {
		err = closed
	}
	attempts.end()
	if err == nil && ctx.Err() != nil {
		return &statusError{exitInterrupted, nil}
	}
	return err
}

// closeWithin closes a sandbox. A second signal ends ctx, and so the patience with requests under way, and a moment later that with a
// state which cannot be closed, as while another program locks it: the next start finds it as after a crash, with nothing lost.
func closeWithin(ctx context.Context, shutdown func(context.Context) error) error {
	bound, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- shutdown(bound) }()
	select {
	case err := <-closed:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-closed:
		return err
	case <-time.After(time.Second):
		return nil
	}
}

// openWithin opens the sandbox. A second signal ends ctx, and so the wait for it, as for a pipe that nobody writes into.
func openWithin(ctx context.Context, o *sandbox.Options) (*sandbox.Sandbox, error) {
	type result struct {
		s   *sandbox.Sandbox
		err error
	}
	opened := make(chan result, 1)
	go func() {
		s, err := sandbox.Open(ctx, *o)
		if err != nil {
			err = &statusError{exitUsage, withFlags(err)}
		}
		opened <- result{s, err}
	}()
	select {
	case r := <-opened:
		return r.s, r.err
	case <-ctx.Done():
		return nil, &statusError{exitInterrupted, errors.New("interrupted before the state was open")}
	}
}

// parse reads the flags whose text is not their value, and finds the folder.
func (f *serveFlags) parse() (err error) {
	f.Assume, err = parseAssume(f.assume)
	errs := []error{err}
	if f.Timeout == 0 { // less is wrong in Options, too
		errs = append(errs, usage("--timeout: want %s to %s, got %s", show.Brief(policy.ShortestTimeout), show.Brief(policy.LongestTimeout), f.Timeout))
	}
	if f.Connections == 0 {
		errs = append(errs, usage("--connections: want 1 to %d, got %d", policy.MostConnections, f.Connections))
	}
	if path, isFile := strings.CutPrefix(f.ClientSecret, "@"); isFile {
		const most = 16 << 10
		text, err := textfile.ReadFile(path, most)
		if err == nil && len(text) > most {
			err = fmt.Errorf("%s: a secret has at most %d bytes", path, most)
		}
		if err != nil {
			errs = append(errs, usage("--client-secret: %v", err))
		} else {
			f.ClientSecret = strings.TrimSpace(string(text))
		}
	}
	switch f.Data {
	case inMemory:
		f.Data = ""
	case "":
		f.Data, err = sandbox.DefaultFolder()
		errs = append(errs, withFlags(err))
	default:
		if _, err := os.Stat(f.Data); err != nil && nearest.Word(f.Data, []string{inMemory}) != "" {
			errs = append(errs, usage("--data: there is no folder %q (did you mean %q?); write ./%s for a new folder", f.Data, inMemory, f.Data))
		}
	}
	for _, err := range flat(f.Options.Check()) {
		errs = append(errs, withFlags(err))
	}
	return inFlags(errs...)
}

// withFlags says which flags an error about the options is about, and which cure it.
func withFlags(err error) error {
	var option *sandbox.OptionError
	if !errors.As(err, &option) {
		return err
	}
	flags := map[string]string{"Allow": "--allow-target", "ClientID": "--client-id", "ClientSecret": "--client-secret", "ClientScopes": "--client-scopes", "CertFile": "--tls-cert", "KeyFile": "--tls-key",
		"InsecureHTTP": "--insecure-http", "KeepMost": "--keep-most", "PublicHost": "--public-host"}
	return errors.New(option.Text(func(field string) string { return cmp.Or(flags[field], "--"+strings.ToLower(field)) }))
}

// sizeUnits are what may stand behind a number of bytes.
var sizeUnits = map[string]float64{"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "PiB": 1 << 50, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15}

// parseSize reads a number of bytes such as 500MB or 1GiB.
func parseSize(text string) (int64, error) {
	number := strings.TrimRight(text, "kKMGTPiBbmgtp")
	unit := text[len(number):]
	factor, known := sizeUnits[unit]
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	fits := func(factor float64) bool { return err == nil && v*factor >= 1<<20 && v*factor <= 1<<50 }
	if known && fits(factor) {
		return int64(v * factor), nil
	}
	hint := ""
	for meant, factor := range sizeUnits { // of the same size, in other letters
		if !known && fits(factor) && (strings.EqualFold(unit, meant) || strings.EqualFold(unit+"B", meant)) {
			hint = fmt.Sprintf(" (did you mean %q?)", number+meant)
		}
	}
	return 0, fmt.Errorf("want a size from 1 MiB to 1 PiB, such as 500MB or 1GiB, got %q%s", text, hint)
}

// smallVolume says that the state may have so many bytes only, and what to do.
func (f *serveFlags) smallVolume(most int64) string {
	what := "warning: the state may have %s, less than --keep-most, because the volume of %s has no space for more"
	if most < 1<<20 {
		what = "warning: the state needs 1 MiB at least, and has %s on the volume of %s: once that is full, nothing more is accepted or delivered"
	}
	return fmt.Sprintf(what+"; free some there, or choose a folder on a larger volume with --data, and start again", formatSize(most), f.Data)
}

// formatSize is a number of bytes in the largest unit that it is at least one of.
func formatSize(n int64) string {
	size, unit := float64(n)/(1<<20), "MiB"
	if size >= 1<<10 {
		size, unit = size/(1<<10), "GiB"
	}
	return strconv.FormatFloat(size, 'f', 1, 64) + " " + unit
}

// printAddresses prints the URLs, the credentials and a first request.
func (f *serveFlags) printAddresses(out io.Writer, s *sandbox.Sandbox) error {
	var b strings.Builder
	url, c := s.URL(), s.Credentials()
	kept := f.Data
	if kept == "" {
		kept = "in memory; nothing is kept"
	}
	secret := "as before; --show-credentials prints it"
	shown := c.Fresh || f.show
	switch {
	case shown:
		secret = c.Secret
	case c.Given:
		secret = "as given"
	}
	fmt.Fprintf(&b, "console        %s/\nvendor's API   %[1]s/webhooks\ntoken          %[1]s/Auth/connect/token\ncontrol API    %[1]s/sandbox/v1\nstate          %s\n", url, kept)
	fmt.Fprintf(&b, "client ID      %s\nclient secret  %s\n", c.ID, secret)
	if c.Fresh && !f.show && f.Data != "" {
		b.WriteString("               printed this once; --show-credentials prints it again\n")
	}
	if len(f.ClientScopes) == 0 || slices.Contains(f.ClientScopes, "admin:write") {
		b.WriteString("\nA first subscription:\n\n" + subscribeLine(url, c, shown) + "\n")
	}
	if s.Login() && f.InsecureHTTP && f.CertFile == "" && !netguard.ListensHere(f.Listen) {
		b.WriteString("\nwarning: without TLS, everybody on the network can read the secrets\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// subscribeLine is a command that subscribes a consumer by the vendor's API, as any client of it
// would: a token first. A secret that is not to be shown comes from the environment.
func subscribeLine(url string, c sandbox.Credentials, shown bool) string {
	client := quoteShell(c.ID + ":" + c.Secret)
	if !shown {
		client = quoteShell(c.ID+":") + `"$RINGBACK_CLIENT_SECRET"`
	}
	return `  curl -s ` + url + `/webhooks/subscriptions \
    -H "Authorization: Bearer $(curl -s -u ` + client + ` -d grant_type=client_credentials \
      -d scope=admin:write ` + url + `/Auth/connect/token | cut -d'"' -f4)" \
    -H 'Accept: application/vnd.newvoicemedia.v1+json' -H 'Content-Type: application/json' \
    -d '{"name": "my-consumer", "url": "http://127.0.0.1:3000/", "events": ["*"]}'`
}

// quoteShell makes one word of a POSIX shell.
func quoteShell(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.:/@", r)
	}
	if text != "" && strings.TrimFunc(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
