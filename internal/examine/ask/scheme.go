package ask

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"syscall"
	"time"

	"github.com/ringback/ringback/internal/show"
)

// mostProbe is how long it may take at the most to find out whether a server speaks TLS, which it tells as soon as it is connected to.
const mostProbe = 2 * time.Second

// otherScheme is the problem that a question failed for since the server speaks TLS and the URL says that it does not, or the other way
// round, or since its certificate is not accepted; nil if it is another one.
func (h *overHTTP) otherScheme(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return lasting("the state's server speaks plain HTTP at this port: write http:// in its URL")
	case distrusted(err):
		return lasting("the certificate of the state's server is not accepted: " + show.Distrusted)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ECONNREFUSED), !h.speaksTLS(ctx):
		return nil
	}
	return lasting("the state's server speaks TLS at this port: write https:// in its URL")
}

// distrusted reports whether a certificate was shown, and not accepted.
func distrusted(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}

// speaksTLS reports whether something speaks TLS where the URL says that it is plain HTTP. Whose certificate it has does not matter, and
// neither the path nor the password is sent. It finds that out once.
func (h *overHTTP) speaksTLS(ctx context.Context) bool {
	h.probe.Do(func() {
		bound, cancel := context.WithTimeout(ctx, mostProbe)
		defer cancel()
		request, err := http.NewRequestWithContext(bound, http.MethodHead, h.address, nil)
		if err != nil || request.URL.Scheme != "http" {
			return
		}
		u := request.URL
		u.Scheme, u.User, u.Path, u.RawPath, u.RawQuery = "https", nil, "/", "", ""
		request.Close = true
		resp, err := h.client.Do(request)
		if h.tls = err == nil || distrusted(err); err == nil {
			resp.Body.Close()
		}
	})
	return h.tls
}
