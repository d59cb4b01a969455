package main

import (
	"bytes"
	"errors"
	"strconv"
)

// mostHead bounds a request's head, and mostBody its body, in bytes.
const (
	mostHead = 64 << 10
	mostBody = 16 << 20
)

// answer is what every notification gets.
const answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

// request is one request, in memory that the next read overwrites.
type request struct {
	method, path []byte
	token        []byte // value of Vonage-Signature
	body         []byte
	last         bool // the connection ends with it
}

var (
	errHead     = errors.New("no head of a request")
	errLength   = errors.New("no length that can be")
	errTransfer = errors.New("a transfer encoding")
)

// parse reads the first request of buf and returns how many bytes it takes: 0 if it is not
// whole yet.
func parse(buf []byte) (r request, n int, err error) {
	end := bytes.Index(buf, []byte("\r\n\r\n"))
	if end < 0 {
		if len(buf) > mostHead {
			return r, 0, errHead
		}
		return r, 0, nil
	}
	head := buf[:end+2]
	line, head, _ := bytes.Cut(head, []byte("\r\n"))
	method, rest, ok := bytes.Cut(line, []byte(" "))
	path, version, ok2 := bytes.Cut(rest, []byte(" "))
	if !ok || !ok2 || !bytes.HasPrefix(version, []byte("HTTP/1.")) {
		return r, 0, errHead
	}
	r.method, r.path, r.last = method, path, bytes.Equal(version, []byte("HTTP/1.0"))
	length, err := r.fields(head)
	if err != nil {
		return r, 0, err
	}
	n = end + 4 + length
	if len(buf) < n {
		return r, 0, nil
	}
	r.body = buf[end+4 : n]
	return r, n, nil
}

// fields reads the header and returns the length of the body.
func (r *request) fields(head []byte) (length int, err error) {
	for len(head) > 0 {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte("\r\n"))
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 {
			return 0, errHead
		}
		name, value := line[:colon], bytes.TrimSpace(line[colon+1:])
		switch len(name) { // so that most are told apart without looking
		case len("content-length"):
			if bytes.EqualFold(name, []byte("content-length")) {
				length, err = strconv.Atoi(string(value))
				if err != nil || length < 0 || length > mostBody {
					return 0, errLength
				}
			}
		case len("vonage-signature"):
			if bytes.EqualFold(name, []byte("vonage-signature")) {
				r.token = value
			}
		case len("connection"):
			if bytes.EqualFold(name, []byte("connection")) && bytes.EqualFold(value, []byte("close")) {
				r.last = true
			}
		case len("transfer-encoding"):
			if bytes.EqualFold(name, []byte("transfer-encoding")) {
				return 0, errTransfer
			}
		}
	}
	return length, nil
}

// idOf is the id of a notification: the first member "id" of its JSON, which no sender here
// puts behind data. It is nil if there is none.
func idOf(body []byte) []byte {
	const key = `"id":"`
	at := bytes.Index(body, []byte(key))
	if at < 0 {
		return nil
	}
	id := body[at+len(key):]
	end := bytes.IndexByte(id, '"')
	if end <= 0 {
		return nil
	}
	return id[:end]
}
