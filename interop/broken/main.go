// Command broken is a webhook consumer with one mistake, or with none.
//
// The name of a consumer, an address and a secret come in, then notifications; the state of a
// conversation goes out at /calls/{conversationId}. It promises that all consumers but "correct"
// make exactly one mistake, each in a function of its own, so that tests can check which check
// finds it. It never shares code with the ringback receiver.
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
	"time"

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
	for _, r := range rows() {
		if r.name == *name {
			return serve(ctx, r.make().handler(secret), *listen, out)
		}
	}
	for _, r := range rows() {
		fmt.Fprintf(out, "%-24s %s\n", r.name, r.make().about)
	}
	return fmt.Errorf("unknown consumer %q", *name)
}

func serve(ctx context.Context, h http.Handler, address string, out io.Writer) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); err != http.ErrServerClosed {
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
