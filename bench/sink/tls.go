package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"time"
)

// serveTLS serves HTTP/1.1 over TLS with a goroutine for each connection, until stop.
func serveTLS(s settings, t *tally, stop <-chan os.Signal, ready func(string)) error {
	certificate, err := ownCertificate(s.ca)
	if err != nil {
		return err
	}
	plain, err := net.Listen("tcp", s.listen)
	if err != nil {
		return err
	}
	l := tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}})
	ended := make(chan struct{})
	go func() {
		select {
		case <-stop:
		case <-ended:
		}
		l.Close()
	}()
	defer close(ended)
	ready(l.Addr().String())
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go t.converse(c)
	}
}

// converse serves one connection.
func (t *tally) converse(c net.Conn) {
	defer c.Close()
	t.locked(func() { t.counts.Connections++ })
	buf, n := make([]byte, 64<<10), 0
	for {
		got, err := c.Read(buf[n:])
		n += got
		for used := 1; used > 0 && n > 0; {
			var r request
			var wrong error
			if r, used, wrong = parse(buf[:n]); wrong != nil || n == len(buf) && used == 0 {
				t.locked(func() { t.counts.Malformed++ })
				return
			}
			if used == 0 {
				break
			}
			if !t.reply(c, &r) || r.last {
				return
			}
			n = copy(buf, buf[used:n])
		}
		if err != nil {
			if n > 0 && !errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrUnexpectedEOF) {
				t.locked(func() { t.counts.Torn++ })
			}
			return
		}
	}
}

func (t *tally) reply(c net.Conn, r *request) bool {
	now, text := time.Now().UnixNano(), []byte(answer)
	t.locked(func() {
		switch string(r.method) {
		case "GET":
			text = t.control(r.path, now)
		case "POST":
			t.add(r, now)
		}
	})
	_, err := c.Write(text)
	return err == nil
}

func (t *tally) locked(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
}

// ownCertificate makes a certificate for loopback, good for a day, and writes it to file.
func ownCertificate(file string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	if file != "" {
		err = os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
