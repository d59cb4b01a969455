package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/ringback/ringback/internal/textfile"
)

// TLS is how to trust a target, and to be trusted by it. The zero value trusts the system's
// authorities and shows no certificate.
type TLS struct {
	CAFile             string // PEM certificates of authorities to trust besides the system's
	CertFile           string // PEM certificate to show to the target; needs KeyFile
	KeyFile            string // PEM private key of CertFile
	ServerName         string // name to expect in the target's certificate; empty means the URL's host
	InsecureSkipVerify bool   // accepts any certificate: for tests on your own machine
}

// TLSError is a problem of one of the files of a TLS.
type TLSError struct {
	Field string // CAFile, CertFile or KeyFile
	Err   error
}

// Error says what the file is for.
func (e *TLSError) Error() string {
	return map[string]string{"CAFile": "certificate authorities", "CertFile": "client certificate", "KeyFile": "client key"}[e.Field] + ": " + e.Err.Error()
}

// Unwrap is the reason.
func (e *TLSError) Unwrap() error { return e.Err }

// Check reads the files. Its error joins a *TLSError for each problem.
func (t *TLS) Check() error {
	_, err := t.config()
	return err
}

func (t *TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName, InsecureSkipVerify: t.InsecureSkipVerify}
	return c, errors.Join(t.addAuthorities(c), t.addCertificate(c))
}

func (t *TLS) addAuthorities(c *tls.Config) error {
	if t.CAFile == "" {
		return nil
	}
	pem, err := textfile.ReadPEM(t.CAFile)
	if err != nil {
		return &TLSError{"CAFile", err}
	}
	pool, err := x509.SystemCertPool()
	if err != nil { // there is none on a bare container
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return &TLSError{"CAFile", fmt.Errorf("%s holds no PEM certificate", t.CAFile)}
	}
	c.RootCAs = pool
	return nil
}

func (t *TLS) addCertificate(c *tls.Config) error {
	switch {
	case t.CertFile == "" && t.KeyFile == "":
		return nil
	case t.KeyFile == "":
		return &TLSError{"CertFile", errors.New("the key is missing; add it")}
	case t.CertFile == "":
		return &TLSError{"KeyFile", errors.New("the certificate is missing; add it")}
	}
	pair, err := textfile.ReadKeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return &TLSError{"CertFile", err}
	}
	c.Certificates = []tls.Certificate{pair}
	return nil
}
