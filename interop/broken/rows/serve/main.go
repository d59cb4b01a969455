// Command serve runs one of the consumers of package rows as a process that can be killed.
//
// The name of a row, an address, a directory and secrets come in; it answers until it is
// interrupted, and goes on with what is in the directory when it is started again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"

	"github.com/ringback/ringback/interop/broken/rows"
	"github.com/ringback/ringback/signature"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

// run serves a consumer until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	name := flags.String("consumer", "correct", "`NAME` of the consumer")
	listen := flags.String("listen", "127.0.0.1:8080", "`ADDRESS` to listen on")
	dir := flags.String("dir", "", "`DIRECTORY` of the database; a new one if empty")
	secret := flags.String("secret", signature.DevelopmentSecret, "`BASE64`: the subscription's secret")
	next := flags.String("next-secret", signature.DevelopmentNextSecret, "`BASE64`: the secret after the next rotation")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, r := range rows.All() {
		if r.Name == *name {
			return serve(ctx, r, *dir, *listen, out, *secret, *next)
		}
	}
	for _, r := range rows.All() {
		fmt.Fprintf(out, "%-34s %-26s %s\n", r.Name, r.Breaks, r.About)
	}
	return fmt.Errorf("unknown consumer %q", *name)
}

func serve(ctx context.Context, r rows.Row, dir, address string, out io.Writer, secrets ...string) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "rows"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	consumer, err := r.Open(dir, secrets...)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return errors.Join(err, consumer.Close())
	}
	fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	defer context.AfterFunc(ctx, func() { _ = consumer.Close() })()
	return errors.Join(consumer.Serve(listener), consumer.Close())
}
