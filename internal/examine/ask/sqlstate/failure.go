package sqlstate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/show"
)

// failure is why a database is not reached, in a line that says what to look at. Drivers try several addresses or ways, and write down
// the same reason for each of them: it is said once. What a server answered to one way says more than why another way was none.
func failure(err error) string {
	text, hint := refused(err)
	if text == "" {
		text, hint = unreached(err)
	}
	if e, is := errors.AsType[*sqlite.Error](err); is && text == "" {
		text, _, _ = strings.Cut(e.Error(), " (") // behind it is its number
		hint = itsFile
	}
	if text == "" {
		text = leaf(err).Error()
	}
	if hint != "" {
		hint = "; " + hint
	}
	return show.Line(text, maxText) + hint
}

// unreached is why there is no connection; empty if there is one, or the reason is another.
func unreached(err error) (text, hint string) {
	if address, is := errors.AsType[*netguard.AddressError](err); is {
		return address.Error(), ""
	}
	if dns, is := errors.AsType[*net.DNSError](err); is {
		return "no address found for " + dns.Name, "is the host name right?"
	}
	op, is := errors.AsType[*net.OpError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case is && op.Net == "unix" && errors.Is(err, os.ErrNotExist):
		return fmt.Sprintf("there is no socket %v", op.Addr), "is the database running, and is this its socket?"
	case is && op.Addr != nil && errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("connection refused by %v", op.Addr), "is the database running, and on this port?"
	case is && op.Op == "dial" && errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no way to its address", "is the address right, and the network up?"
	case errors.Is(err, context.DeadlineExceeded), isNet && timeout.Timeout():
		return "it did not answer in time", "is the address right, and is this a database of that kind?"
	case strings.Contains(err.Error(), "server refused TLS connection"), errors.Is(err, mysql.ErrNoTLS):
		return "it speaks no TLS", "ask for none in the URL"
	}
	return "", ""
}

// refused is what a server itself says against the connection; empty if it says nothing.
func refused(err error) (text, hint string) {
	code := ""
	if e, is := errors.AsType[*pgconn.PgError](err); is {
		text, code = e.Message, e.Code
	}
	if e, is := errors.AsType[*mysql.MySQLError](err); is {
		text, code = e.Message, fmt.Sprint(e.Number)
	}
	switch code {
	case "28P01", "28000", "1044", "1045":
		hint = "are the user and the password of the URL right?"
	case "3D000", "1049":
		hint = "is the name of the database right?"
	}
	return text, hint
}

// leaf is the last of the errors that others are made of.
func leaf(err error) error {
	for {
		switch e := err.(type) {
		case interface{ Unwrap() []error }:
			all := e.Unwrap()
			if len(all) == 0 {
				return err
			}
			err = all[len(all)-1]
		case interface{ Unwrap() error }:
			inner := e.Unwrap()
			if inner == nil {
				return err
			}
			err = inner
		default:
			return err
		}
	}
}
