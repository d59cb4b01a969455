package wire

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// errLongHead has the words of net/http.
var errLongHead = fmt.Errorf("server response headers exceeded %d bytes; aborted", maxHeader)

// answer reads the answer to the request that was sent. Again reports whether the connection
// may carry another request.
func (c *laneConn) answer(from *url.URL, d discreet) (a Answer, again bool, err error) {
	c.left = maxHeader - c.in.Buffered()
	if a, again, err = c.plain(); again || err != nil {
		return a, again, err
	}
	return c.anyAnswer(from, d)
}

// plain is answer for a plain success. It is false, and nothing is taken away, if that is not what came.
func (c *laneConn) plain() (a Answer, is bool, err error) {
	for need := 1; ; {
		if _, err := c.in.Peek(need); err != nil && (c.in.Buffered() == 0 || err == errStarved) {
			return Answer{}, false, err
		} else if err != nil {
			return Answer{}, false, nil // whoever reads on says the same again
		}
		seen, _ := c.in.Peek(c.in.Buffered())
		status, size, keepAlive := plainSuccess(seen)
		switch {
		case size < len(seen): // also when it is no plain success
			return Answer{}, false, nil
		case size == len(seen):
			c.lease.note()
			c.lease.read(keepAlive)
			c.in.Discard(size)
			c.used = time.Now()
			return Answer{Status: status}, true, nil
		}
		need = size
	}
}

// anyAnswer is answer for everything that HTTP allows.
func (c *laneConn) anyAnswer(from *url.URL, d discreet) (Answer, bool, error) {
	resp, err := c.readHead()
	if err != nil {
		return Answer{}, false, err
	}
	c.left = math.MaxInt // a body may be of any length
	if c.begun != nil {
		*c.begun = beginning{ReadCloser: resp.Body}
		resp.Body = c.begun
	}
	c.lease.note()
	for _, value := range resp.Header["Keep-Alive"] {
		c.lease.read([]byte(value))
	}
	a, whole, err := answerOf(resp, location(resp, from), d)
	c.used = time.Now()
	again := whole && err == nil && !resp.Close && resp.StatusCode >= 200 && c.in.Buffered() == 0
	return a, again, err
}

// beginning keeps the first bytes of a body.
type beginning struct {
	io.ReadCloser
	first []byte
}

func (b *beginning) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if len(b.first) < 64 {
		b.first = append(b.first, p[:min(n, 64)]...)
	}
	return n, err
}

// isPage reports whether the body is a web page.
func (b *beginning) isPage() bool {
	text := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(b.first), "\uFEFF")))
	return strings.HasPrefix(text, "<!doctype html") || strings.HasPrefix(text, "<html")
}

// readHead reads up to the body, and skips what is said before the answer.
func (c *laneConn) readHead() (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(c.in, nil)
		switch {
		case err != nil && c.left <= 0:
			return nil, errLongHead
		case err != nil:
			return nil, err
		case resp.StatusCode < 100 || resp.StatusCode > 199 || resp.StatusCode == http.StatusSwitchingProtocols:
			return resp, nil
		}
	}
}

// plainSuccess is the shortcut past http.ReadResponse for the answer that nearly all
// requests get: HTTP/1.1, a status from 200 to 299, a length, and nothing else that matters.
// Size is how many bytes it has; if these are more than seen, that many are needed to go on.
// Everything out of the ordinary has size 0. KeepAlive is the value of that header.
func plainSuccess(seen []byte) (status, size int, keepAlive []byte) {
	const start = "HTTP/1.1 2"
	if len(seen) < len(start)+3 || string(seen[:len(start)]) != start || seen[12] != ' ' && seen[12] != '\r' {
		return 0, 0, nil
	}
	tens, ones := seen[10]-'0', seen[11]-'0'
	if tens > 9 || ones > 9 {
		return 0, 0, nil
	}
	status = 200 + 10*int(tens) + int(ones)
	head := plainHead{length: -1}
	line, rest, ok := bytes.Cut(seen, []byte("\r\n"))
	plain := printable(line)
	for plain && ok {
		if line, rest, ok = bytes.Cut(rest, []byte("\r\n")); len(line) == 0 && ok {
			break
		}
		plain = !ok || head.ordinary(line)
	}
	if !ok { // the head goes on, unless a bare line feed ends it
		plain = printable(bytes.TrimSuffix(line, []byte("\r")))
	}
	switch {
	case !plain:
		return 0, 0, nil
	case !ok:
		return status, len(seen) + 1, nil
	}
	if status == http.StatusNoContent && head.length < 0 {
		head.length = 0
	} else if status == http.StatusNoContent || head.length < 0 {
		return 0, 0, nil
	}
	if size = len(seen) - len(rest) + head.length; size > answerSize {
		return 0, 0, nil
	}
	return status, size, head.keepAlive
}

// plainHead is what matters in the head of a plain answer.
type plainHead struct {
	length    int // -1 before it is known
	keepAlive []byte
}

// ordinary reads a header, and reports whether it leaves an answer plain.
func (h *plainHead) ordinary(line []byte) bool {
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok || len(name) == 0 || !printable(value) {
		return false
	}
	for _, c := range name {
		if lower := c | 0x20; (lower < 'a' || lower > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	switch len(name) { // sooner told than by comparing
	case len("connection"): // and of keep-alive
		if is(name, "keep-alive") {
			first := h.keepAlive == nil
			h.keepAlive = value
			return first
		}
		return !is(name, "connection") || is(bytes.TrimSpace(value), "keep-alive")
	case len("content-length"):
		return !is(name, "content-length") || readLength(bytes.TrimSpace(value), &h.length)
	case len("retry-after"), len("transfer-encoding"), len("trailer"):
		return !is(name, "retry-after") && !is(name, "transfer-encoding") && !is(name, "trailer")
	}
	return true
}

// is compares printable text, without regard to case, with a word of letters in lower case and
// hyphens.
func is(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i, c := range text {
		if c|0x20 != word[i] {
			return false
		}
	}
	return true
}

// printable reports whether there is nothing but ASCII text.
func printable(text []byte) bool {
	for _, c := range text {
		if (c < ' ' && c != '\t') || c > '~' {
			return false
		}
	}
	return true
}

// readLength reads a Content-Length, of which there must be one.
func readLength(digits []byte, length *int) bool {
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if *length >= 0 || len(digits) > 4 || err != nil {
		return false
	}
	*length = int(n)
	return true
}
