package wire

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ringback/ringback/signature"
)

// maxFast is the largest body, in bytes, that the fast lane carries: it is written before
// the answer is read, so it must fit where the system keeps what is on its way.
const maxFast = 64 << 10

// fastLane is the engine for HTTP/1.1 without net/http's goroutines, locks and copies: each
// worker has a lane of its own, which is one connection. What a lane does not carry goes
// through net/http.
type fastLane struct {
	*httpSender
	head    []byte // what all requests begin with
	address string // host and port to dial
	tls     *agreement
}

// newFastLane fails where the fast lane does not apply.
func newFastLane(reference *httpSender, engine Engine) (*fastLane, error) {
	u := reference.url
	f := &fastLane{httpSender: reference}
	if reference.follow {
		return nil, errors.New("follows no redirects")
	}
	if proxy, err := reference.transport.Proxy(&http.Request{URL: u}); proxy != nil || err != nil {
		return nil, errors.New("speaks to no proxy, and the environment names one for this target")
	}
	if strings.ContainsFunc(u.Hostname(), func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil, errors.New("knows no host names beyond ASCII: write it as xn--…")
	}
	var err error
	if f.head, err = reference.head(); err != nil {
		return nil, err
	}
	port := "80"
	if u.Scheme == "https" {
		port = "443"
		f.tls = newAgreement(reference.transport.TLSClientConfig, u.Hostname(), engine)
		if engine == AutoEngine {
			reference.transport.DialTLSContext = f.dialTLS
		}
	}
	f.address = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	return f, nil
}

// ForWorker returns a lane.
func (f *fastLane) ForWorker() Sender { return &lane{target: f} }

// Engine is the name of what sends, which over TLS the target has a say in.
func (f *fastLane) Engine() string {
	if f.tls != nil && f.tls.spoken.Load() == spokenHTTP2 {
		return f.httpSender.Engine()
	}
	return "fast lane"
}

// lane makes the attempts of one worker, over one connection at a time.
type lane struct {
	target *fastLane
	conn   *laneConn // nil if there is none
	out    []byte    // the request in flight
	asked  exchange  // the same
}

// Send posts r once. The target may have ended an idle connection before: then r goes out on
// a new one, but only if not a byte of it has left.
func (l *lane) Send(ctx context.Context, r *Request) Answer {
	if r.BodyFault != NoBodyFault || len(r.Body) > maxFast {
		return l.target.Send(ctx, r)
	}
	l.unpark()
	start := time.Now()
	l.asked = exchange{start: start, due: start.Add(r.Timeout)}
	if err := l.ask(ctx, r); errors.Is(err, errHTTP2) {
		return l.target.sendUntil(ctx, r, l.asked.due)
	} else if err != nil {
		return l.answered(ctx, r, Answer{}, false, err)
	}
	// An answer may be there though the request could not be written to its end.
	answer, again, err := l.conn.answer(l.target.url, r.discreet())
	return l.answered(ctx, r, answer, again, err)
}

// exchange is a request that was sent.
type exchange struct {
	start, due time.Time
	kept       bool          // over a connection that was used before
	idle       time.Duration // since then
	failed     error         // why it was not sent to its end
}

// ask sends a request, and fails if there is no connection.
func (l *lane) ask(ctx context.Context, r *Request) error {
	q := &l.asked
	q.kept = l.conn != nil && !r.Fresh && l.conn.begin(ctx, q.start, q.due)
	if q.kept {
		q.idle = q.start.Sub(l.conn.used)
	} else if err := l.connect(ctx, q.due); err != nil {
		return err
	}
	l.out = l.target.appendRequest(l.out[:0], r)
	q.failed = l.conn.send(l.out)
	if q.failed != nil && q.kept && l.conn.wire.sent == 0 {
		q.kept, q.failed = false, nil
		if err := l.connect(ctx, q.due); err != nil {
			return err
		}
		q.failed = l.conn.send(l.out)
	}
	return nil
}

// answered is what comes of a request whose answer was read, or could not be. Again reports whether the connection may carry
// another one.
func (l *lane) answered(ctx context.Context, r *Request, answer Answer, again bool, err error) Answer {
	q := &l.asked
	if q.failed != nil && err != nil && !isTLS(err) {
		err = q.failed
	}
	if err != nil && q.kept && !l.conn.heard() {
		err = asStale(err, q.idle, q.start)
	}
	if q.failed != nil || !again || !l.conn.silent(false) {
		l.drop()
	}
	if err != nil {
		answer = unanswered(ctx, err, !time.Now().Before(q.due), r.Timeout, r.discreet())
	}
	answer.Released = true
	return answer
}

// connect replaces the connection.
func (l *lane) connect(ctx context.Context, due time.Time) error {
	l.drop()
	bound, cancel := context.WithDeadline(ctx, due)
	defer cancel()
	w, over, err := l.target.connect(bound, due)
	if err != nil {
		return err
	}
	l.conn = &laneConn{wire: w, over: over, look: newGlance(w.Conn)}
	l.conn.in = bufio.NewReaderSize(l.conn, answerSize)
	l.conn.watch(ctx)
	return nil
}

// drop ends the connection, if there is one, without a word to the target.
func (l *lane) drop() {
	if l.conn != nil {
		l.conn.stop()
		l.conn.wire.Close()
		l.conn = nil
	}
}

// Close ends the connection as a target expects it, and gives up what belongs to it. The next Send
// opens another one.
func (l *lane) Close() error {
	if l.conn != nil {
		l.conn.over.Close()
	}
	l.drop()
	l.out = nil
	return nil
}

// connect dials, and agrees on TLS where the target wants that.
func (f *fastLane) connect(ctx context.Context, due time.Time) (*timedConn, net.Conn, error) {
	if f.tls != nil {
		return f.connectTLS(ctx, due)
	}
	c, err := f.dialer.DialContext(ctx, "tcp", f.address)
	if err != nil {
		return nil, nil, err
	}
	w := &timedConn{Conn: c}
	return w, w, w.limit(due)
}

// appendRequest appends all of a request, so that it leaves in one write.
func (f *fastLane) appendRequest(b []byte, r *Request) []byte {
	b = append(append(b, f.head...), "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(r.Body)), 10)
	if len(r.Signature) > 0 {
		b = append(append(b, "\r\n"+signature.HeaderName+": "...), r.Signature...)
	}
	if len(r.Trace) > 0 {
		b = append(append(b, "\r\n"+traceHeader+": "...), r.Trace...)
	}
	return append(append(b, "\r\n\r\n"...), r.Body...)
}

// head is what net/http would write, up to the headers that differ between requests.
func (s *httpSender) head() ([]byte, error) {
	r := s.request(context.Background(), &Request{}, s.url)
	r.Body, r.GetBody = nil, nil
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		return nil, err
	}
	head := bytes.Replace(b.Bytes(), []byte("\r\nContent-Length: 0\r\n"), []byte("\r\n"), 1)
	return bytes.Clone(bytes.TrimSuffix(head, []byte("\r\n"))), nil
}

// dialTLS connects for net/http: first of all there is the connection on which the target
// chose HTTP/2.
func (f *fastLane) dialTLS(ctx context.Context, _, address string) (net.Conn, error) {
	if c := f.tls.first.Swap((*tls.Conn)(nil)); c != nil {
		return c, nil
	}
	c, err := f.dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return f.tls.handshake(ctx, c, f.tls.both)
}
