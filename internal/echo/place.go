package echo

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
)

// place is where a consumer repeats something.
type place struct {
	name   string
	lines  bool // it may have line breaks in it
	goesOn bool // the connection takes another request
	answer func(what string) string
}

// places are all that a client reads, or might quote.
var places = []place{
	{"a short body", true, true, func(what string) string { return withBody(401, "", what) }},
	{"a body of JSON", true, true, func(what string) string { return withBody(422, "", `{"error":"unknown key","key":"`+what+`"}`) }},
	{"a page", true, true, func(what string) string {
		return withBody(500, "Content-Type: text/html", "<html><body><h1>No "+what+"</h1>")
	}},
	{"the end of what is shown of a body", true, true, func(what string) string {
		return withBody(503, "", strings.Repeat("-", 256-min(9, len(what)/2+1))+what)
	}},
	{"the path of a redirect", false, true, func(what string) string { return withBody(307, "Location: /login/"+what+"/x", "") }},
	{"the host of a redirect", false, true, func(what string) string { return withBody(308, "Location: http://"+what+".test/x", "") }},
	{"user and query of a redirect", false, true, func(what string) string {
		return withBody(302, "Location: http://"+what+"@127.0.0.1:9/x?key="+what+"#"+what, what)
	}},
	{"the status line", false, true, func(what string) string { return "HTTP/1.1 403 " + what + "\r\nContent-Length: 0\r\n\r\n" }},
	{"a header", false, true, func(what string) string {
		return withBody(403, "X-Api-Key: "+what+"\r\nWWW-Authenticate: Bearer error=\""+what+"\"", "")
	}},
	{"when to try again", false, true, func(what string) string { return withBody(429, "Retry-After: "+what, "") }},
	{"chunks, their extensions and the trailers", false, true, inChunks},
	{"a body that is compressed", true, true, zipped},
	{"what comes before the answer", false, true, func(what string) string {
		return "HTTP/1.1 103 " + what + "\r\nX-Key: " + what + "\r\n\r\n" + withBody(400, "", "no")
	}},
	{"no answer", true, false, func(what string) string { return what + "\r\n\r\n" }},
	{"a malformed status", false, false, func(what string) string { return "HTTP/1.1 " + what + " no\r\n\r\n" }},
	{"a malformed version", false, false, func(what string) string { return "HTTP/" + what + " 200 OK\r\n\r\n" }},
	{"a header without a name", false, false, func(what string) string { return "HTTP/1.1 400 No\r\n" + what + "\r\n\r\n" }},
	{"the name of a header", false, false, func(what string) string { return "HTTP/1.1 400 No\r\n" + what + ": 1\r\nContent-Length: 0\r\n\r\n" }},
	{"a length", false, false, func(what string) string { return "HTTP/1.1 400 No\r\nContent-Length: " + what + "\r\n\r\n" }},
	{"a transfer encoding", false, false, func(what string) string { return "HTTP/1.1 400 No\r\nTransfer-Encoding: " + what + "\r\n\r\n" }},
	{"the length of a chunk", false, false, func(what string) string {
		return "HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n" + what + "\r\n"
	}},
	{"a body that is cut off", true, false, func(what string) string { return "HTTP/1.1 400 No\r\nContent-Length: 9999\r\n\r\n" + what }},
}

// withBody is an answer with a header, unless that is empty, and a body.
func withBody(status int, header, body string) string {
	if header != "" {
		header += "\r\n"
	}
	return fmt.Sprintf("HTTP/1.1 %d No\r\n%sContent-Length: %d\r\n\r\n%s", status, header, len(body), body)
}

func inChunks(what string) string {
	var b strings.Builder
	b.WriteString("HTTP/1.1 500 No\r\nTrailer: X-Key\r\nTransfer-Encoding: chunked\r\n\r\n")
	for _, part := range cut("no "+what, max(1, len(what)/2)) {
		fmt.Fprintf(&b, "%x;key=%q\r\n%s\r\n", len(part), what, part)
	}
	return b.String() + "0\r\nX-Key: " + what + "\r\n\r\n"
}

func zipped(what string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(what)) // into memory
	_ = w.Close()
	return withBody(400, "Content-Encoding: gzip", b.String())
}
