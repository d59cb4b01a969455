package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/netguard"
)

func TestRetryAfterIsReadAsSecondsOrDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // whose clock begins on 1 January 2000
		const year = 365 * 24 * time.Hour
		tests := map[string]time.Duration{
			"": 0, "soon": 0, "-1": 0, "1.5": 0, "0": 0, "120": 2 * time.Minute,
			"99999999999": year, "99999999999999999999999": year,
			"Sat, 01 Jan 2000 00:00:30 GMT": 30 * time.Second,
			"Fri, 31 Dec 1999 23:59:59 GMT": 0,
			"Sat, 01 Jan 2050 00:00:00 GMT": year,
		}
		for text, want := range tests {
			if got := retryAfter(text); got != want {
				t.Errorf("retryAfter(%q) = %v, want %v", text, got, want)
			}
		}
	})
}

func TestClasses(t *testing.T) {
	dial := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	tests := []struct {
		err  error
		want Class
	}{
		{dial(syscall.ECONNREFUSED), ClassRefused},
		{dial(syscall.ECONNRESET), ClassReset},
		{dial(syscall.EHOSTUNREACH), ClassUnreachable},
		{dial(syscall.ETIMEDOUT), ClassTimeout},
		{dial(syscall.EMFILE), ClassLocal},
		{dial(syscall.EADDRNOTAVAIL), ClassLocal},
		{&net.DNSError{Err: "no such host", Name: "nowhere.test", IsNotFound: true}, ClassDNS},
		{&net.DNSError{Err: "i/o timeout", Name: "nowhere.test", IsTimeout: true}, ClassDNS},
		{fmt.Errorf("wrapped: %w", &netguard.AddressError{Host: "h"}), ClassAddress},
		{context.DeadlineExceeded, ClassTimeout},
		{context.Canceled, ClassStopped},
		{errors.New("connectex: No connection could be made because the target machine actively refused it."), ClassRefused},
		{errors.New("wsarecv: An existing connection was forcibly closed by the remote host."), ClassReset},
		{errors.New("http: server closed idle connection"), ClassReset},
		{errors.New(`malformed HTTP status code "abc"`), ClassAnswer},
		{errors.New("something new"), ClassOther},
	}
	for _, test := range tests {
		if got := classify(test.err, discreet{}); got.Class != test.want || got.Text == "" {
			t.Errorf("%v is classified as %q, want %q", test.err, got, test.want)
		}
	}
}
