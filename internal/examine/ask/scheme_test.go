package ask

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/show"
)

// A server that speaks TLS where the URL says that it does not, or the other way round, is named as such at the first question.
func TestTheSchemeOfTheStateIsSaid(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) })
	plain := httptest.NewServer(h)
	defer plain.Close()
	secure := httptest.NewUnstartedServer(h)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	silent := tlsOnly(t, secure.TLS.Certificates)
	for _, c := range []struct{ url, want string }{
		{strings.Replace(plain.URL, "http:", "https:", 1), "the state's server speaks plain HTTP at this port: write http:// in its URL"},
		{strings.Replace(secure.URL, "https:", "http:", 1), "the state's server speaks TLS at this port: write https:// in its URL"},
		{"http://" + silent, "the state's server speaks TLS at this port: write https:// in its URL"},
		{secure.URL, "the certificate of the state's server is not accepted: " + show.Distrusted},
		{plain.URL, "the state URL responds with 400 Bad Request, want 200"},
	} {
		w := way(t, emitter.Target{}, c.url+"/calls/"+Placeholder)
		for range 2 {
			_, err := w.Ask(t.Context(), "c1")
			if p, is := errors.AsType[*Problem](err); !is || !p.Lasting || p.Text != c.want {
				t.Errorf("%s: %v; want %s", c.url, err, c.want)
			}
		}
	}
}

// tlsOnly is the address of a server that ends connections without a word where they do not begin with TLS.
func tlsOnly(t *testing.T, certificates []tls.Certificate) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			go func() {
				defer c.Close()
				first := make([]byte, 1)
				if io.ReadFull(c, first); first[0] == 22 { // a handshake
					tls.Server(&begun{c, first}, &tls.Config{Certificates: certificates}).Handshake()
				} else {
					c.(*net.TCPConn).CloseWrite()
					io.Copy(io.Discard, c)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// begun is a connection of which something was read already.
type begun struct {
	net.Conn
	first []byte
}

func (b *begun) Read(p []byte) (int, error) {
	if len(b.first) > 0 {
		n := copy(p, b.first)
		b.first = b.first[n:]
		return n, nil
	}
	return b.Conn.Read(p)
}
