// Package sandbox is a local copy of the vendor API with an engine that delivers to its
// subscriptions.
//
// A folder, an address and credentials come in; one HTTP server goes out, with the vendor's
// management API, the control API, the console and probes, and behind it the delivery engine.
// It promises that only this machine's user, or somebody with the credentials, gets in, whatever
// page their browser shows, and that no secret is logged. It never listens beyond loopback
// without TLS unless the options allow it.
package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/textfile"
	"github.com/ringback/ringback/sandbox/internal/control"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// Sandbox is an open sandbox: it listens, and its runs and retries continue.
type Sandbox struct {
	options     Options
	listener    net.Listener
	door        net.Listener // the same, with a limit of connections
	store       *store.Store
	engine      *engine.Engine
	server      *http.Server
	credentials Credentials
	guesses     *netguard.Guesses // at all that takes credentials
	closing     context.Context   // ends streams and background work
	close       context.CancelFunc
	background  sync.WaitGroup
}

// Open checks the options, listens, and resumes from the state in the folder. Requests are
// answered once Serve is called. A state that another process has open is an error.
func Open(ctx context.Context, o Options) (s *Sandbox, err error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	s = &Sandbox{options: o}
	s.closing, s.close = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			err = errors.Join(err, s.end())
			s = nil
		}
	}()
	if err = s.listen(); err != nil {
		return s, err
	}
	path, err := prepare(o.Data, o.say)
	if err != nil {
		return s, err
	}
	empty := isEmpty(path)
	if s.store, err = store.Open(path, store.Options{KeepFor: o.KeepFor, KeepMost: o.KeepMost}); err != nil {
		return s, stateError(path, err)
	}
	if empty {
		o.say("%s was empty: a new state begins in it; if there was one, stop the sandbox, and put a copy in its place", path)
	}
	if usage := s.store.Usage(); usage.Volume > 0 && o.SmallVolume != nil {
		o.SmallVolume(usage.Volume)
	}
	if s.credentials, err = readCredentials(ctx, s.store, &o); err != nil {
		return s, stateError(path, err)
	}
	s.guesses = &netguard.Guesses{Strong: s.credentials.strong(), Refused: func(from string) {
		o.say("warning: too many wrong credentials from %s; until that is over, more of them get status 429", from)
	}}
	key, err := readKey(ctx, s.store)
	if err != nil {
		return s, stateError(path, err)
	}
	out, in := shares(policy.OpenFiles())
	s.engine, err = engine.Open(context.WithoutCancel(ctx), s.store, engine.Options{Speed: o.Speed, Propagation: o.Propagation, AllConnections: out,
		Timeout: o.Timeout, Connections: o.Connections, Allow: o.Allow, Hide: []string{s.credentials.Secret}, InsecureTLS: o.InsecureTLS, Unordered: o.Unordered,
		Assume: o.Assume, Log: o.logger(), Tell: func(text string) { o.say("%s", text) }})
	if err != nil {
		return s, stateError(path, err)
	}
	for _, run := range s.engine.Suspended() {
		o.say("run %s (%s) starts paused: %s; POST %s/runs/%[1]s/resume does the former, as the console does", run.ID, run.Name, run.Reason, s.URL()+control.Prefix)
	}
	s.server = s.newServer(s.handler(key, s.routes(key, in/2)))
	s.door = netguard.Limit(s.server, s.listener, in)
	if o.Deliveries != nil {
		heard := s.engine.Listen(s.closing)
		s.background.Go(func() { s.newTeller().hear(heard) })
	}
	return s, nil
}

// shares divides the files that a process may have open: half are for connections to consumers, a
// quarter, up to a thousand, for those of clients, and the rest for the state and everything else.
func shares(files int) (out, in int) { return max(1, files/2), min(max(8, files/4), 1000) }

// listen opens the socket, and reads the certificate so that an invalid one is known at once.
func (s *Sandbox) listen() (err error) {
	var config *tls.Config
	if s.options.tls() {
		pair, err := textfile.ReadKeyPair(s.options.CertFile, s.options.KeyFile)
		if err != nil {
			return &OptionError{Reason: err, Of: []string{"CertFile", "KeyFile"}}
		}
		config = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	}
	if s.listener, err = netguard.Listen(s.options.listen()); err != nil {
		return &OptionError{Reason: err, Cure: [][]string{{"Listen"}}}
	}
	if config != nil {
		s.listener = tls.NewListener(s.listener, config)
	}
	return nil
}

func (s *Sandbox) newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0), // bad requests of strangers are not logged
	}
}

// Serve answers requests until Shutdown, or until the socket fails.
func (s *Sandbox) Serve() error {
	if err := s.server.Serve(s.door); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops accepting requests, waits for requests and attempts in flight until ctx ends,
// and closes the state. Deliveries continue at the next Open.
func (s *Sandbox) Shutdown(ctx context.Context) error {
	s.close() // first, because streams would never end
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
	s.engine.Finish(ctx)
	return s.end()
}

// end closes everything that is open.
func (s *Sandbox) end() error {
	s.close()
	if s.listener != nil {
		_ = s.listener.Close() // it may be closed already
	}
	s.background.Wait()
	var errs []error
	if s.engine != nil {
		errs = append(errs, s.engine.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}

// Credentials are those that clients must send.
func (s *Sandbox) Credentials() Credentials { return s.credentials }

// Login reports whether the console and the control API require them, too.
func (s *Sandbox) Login() bool { return s.options.login() }

// URL is the address of the sandbox, without a slash at the end.
func (s *Sandbox) URL() string {
	scheme := "http://"
	if s.options.tls() || s.options.PublicHost != "" && !s.options.InsecureHTTP {
		scheme = "https://"
	}
	if s.options.PublicHost != "" {
		return scheme + s.options.PublicHost
	}
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // this address always works here
	}
	if named, _, _ := net.SplitHostPort(s.options.listen()); strings.EqualFold(named, "localhost") {
		host = named
	}
	return scheme + net.JoinHostPort(host, port)
}
