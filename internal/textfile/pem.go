package textfile

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"

	"github.com/ringback/ringback/internal/show"
)

// maxPEM bounds files of certificates and keys, in bytes. All authorities that systems trust fit in twice.
const maxPEM = 1 << 20

// piped is what came through pipes, by path. Settings are checked and then used, and a pipe can be read once.
var piped sync.Map

// ReadPEM is ReadFile of certificates or a key, of at most 1 MiB. What comes through a pipe is kept for the next time.
func ReadPEM(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		read, _ := piped.LoadOrStore(path, sync.OnceValues(func() ([]byte, error) { return readPEM(path) }))
		return read.(func() ([]byte, error))()
	}
	return readPEM(path)
}

func readPEM(path string) ([]byte, error) {
	text, err := ReadFile(path, maxPEM)
	if err == nil && len(text) > maxPEM {
		err = fmt.Errorf("%s: more than %d MiB are no certificate and no key", path, maxPEM>>20)
	}
	return text, err
}

// ReadKeyPair reads a certificate and its key.
func ReadKeyPair(cert, key string) (tls.Certificate, error) {
	certificate, err := ReadPEM(cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	private, err := ReadPEM(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(certificate, private)
	if err != nil {
		err = show.KeyPairError(cert, key, err)
	}
	return pair, err
}
