// Command broken is a webhook consumer with one mistake, or with none.
//
// The name of a consumer, an address and a secret come in, then notifications; the state of a
// conversation goes out at /calls/{conversationId}. It promises that all consumers but "correct",
// "snapshots/correct" and those of habits make exactly one mistake, each in a function of its own, so
// that tests can check which check finds it. It never shares code with the ringback receiver.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"

	"github.com/ringback/ringback/interop/broken/habits"
	"github.com/ringback/ringback/interop/broken/snapshots"
	"github.com/ringback/ringback/signature"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "broken:", err)
		os.Exit(1)
	}
}

// run serves a consumer until ctx ends, or does what another flag asks for.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("broken", flag.ContinueOnError)
	name := flags.String("consumer", "correct", "`NAME` of the consumer")
	listen := flags.String("listen", "127.0.0.1:8080", "`ADDRESS` to listen on")
	text := flags.String("secret", signature.DevelopmentSecret, "`BASE64`: the subscription's secret")
	nextText := flags.String("next-secret", "", "`BASE64`: the secret that comes next, if there is one")
	crash := flags.String("crash", "", "`URL` of a consumer to crash and start again, instead of being one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *crash != "" {
		return crashed(ctx, *crash)
	}
	secret, err := signature.ParseSecret(*text)
	if err != nil {
		return err
	}
	secrets := [][]byte{secret}
	if *nextText != "" {
		next, err := signature.ParseSecret(*nextText)
		if err != nil {
			return err
		}
		secrets = append(secrets, next)
	}
	all := consumers(secrets)
	for _, c := range all {
		if c.name == *name {
			return listenAndServe(ctx, c.serve, *listen, out)
		}
	}
	for _, c := range all {
		fmt.Fprintf(out, "%-40s %s\n", c.name, c.about)
	}
	return fmt.Errorf("unknown consumer %q", *name)
}

// named is one consumer that can be served.
type named struct {
	name, about string
	serve       func(ctx context.Context, l net.Listener) error
}

// consumers lists those of this package, and those of habits and snapshots behind the package's name.
func consumers(secrets [][]byte) (all []named) {
	for _, r := range rows() {
		all = append(all, named{r.name, r.make().about, func(ctx context.Context, l net.Listener) error {
			return snapshots.Serve(ctx, l, r.make().handler(secrets[0]))
		}})
	}
	for _, r := range habits.Rows() {
		all = append(all, named{"habits/" + r.Name, r.About, func(ctx context.Context, l net.Listener) error {
			return r.Serve(ctx, l, secrets...)
		}})
	}
	for _, r := range snapshots.Rows() {
		all = append(all, named{"snapshots/" + r.Name, r.About, func(ctx context.Context, l net.Listener) error {
			return snapshots.Serve(ctx, l, r.Handler(secrets...))
		}})
	}
	return all
}

func listenAndServe(ctx context.Context, serve func(context.Context, net.Listener) error, address string, out io.Writer) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	if err := serve(ctx, listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// crashed asks a consumer to lose what a crash would lose.
func crashed(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/crash", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("the consumer answered %s", resp.Status)
	}
	return nil
}
