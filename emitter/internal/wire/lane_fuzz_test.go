package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
)

// The shortcut must never differ from http.ReadResponse: neither in what it reads, nor in
// waiting for more than that would.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{
		ok200 + length, ok200 + "Content-Length: 2\r\n\r\nok", ok200 + "Content-Length: 2\r\n\r\nokHTTP",
		"HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", "HTTP/1.1 204 X\r\n" + length, "HTTP/1.1 200\r\n" + length,
		ok200 + "connection: keep-alive\r\n" + length, ok200 + "Connection: close\r\n" + length,
		ok200 + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ok200 + "Trailer: X\r\n" + length,
		ok200 + "X: a\r\n b\r\n" + length, ok200 + "Content-Length : 2\r\n" + length, ok200 + "Content-Length: 0\r\n" + length,
		"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", ok200 + "X: a\n" + length, ok200 + "X: a\rb\r\n" + length,
		ok200, ok200 + "Content-Le", ok200 + "\r", "HTTP/1.1 200 ", "HTTP/1.1 2", "HTTP/1.1 2000\r\n" + length,
		ok200 + "Content-Length: 02\r\n\r\nok", ok200 + "Content-Length: 9999\r\n\r\n", ok200 + "Retry-After: 7\r\n" + length,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, seen []byte) {
		status, size, keepAlive := plainSuccess(bytes.Clone(seen))
		if size == 0 {
			return
		}
		var end asked
		r := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(seen), &end), answerSize)
		resp, err := http.ReadResponse(r, nil)
		if size > len(seen) {
			if err == nil {
				io.Copy(io.Discard, resp.Body)
			}
			if !end {
				t.Fatalf("waits for %d bytes of %q, which are enough", size, seen)
			}
			return
		}
		if err != nil {
			t.Fatalf("reads %q, which gives %v", seen, err)
		}
		body, err := io.ReadAll(resp.Body)
		rest, _ := io.ReadAll(r)
		if err != nil || resp.StatusCode != status || len(seen)-len(rest) != size {
			t.Errorf("reads %q as status %d, %d bytes; want %d, %d bytes with a body of %d (%v)", seen, status, size,
				resp.StatusCode, len(seen)-len(rest), len(body), err)
		}
		h := resp.Header
		if got := h.Get("Keep-Alive"); got != string(bytes.TrimSpace(keepAlive)) || len(h["Keep-Alive"]) > 1 {
			t.Errorf("reads Keep-Alive %q of %q, want %q", keepAlive, seen, h["Keep-Alive"])
		}
		if resp.Close || h.Get("Retry-After") != "" || h.Get("Transfer-Encoding") != "" || status < 200 || status > 299 {
			t.Errorf("takes %q for plain: close %v, %v", seen, resp.Close, h)
		}
	})
}

// asked is the end of a text, and remembers that somebody wanted more.
type asked bool

func (a *asked) Read([]byte) (int, error) { *a = true; return 0, io.EOF }
