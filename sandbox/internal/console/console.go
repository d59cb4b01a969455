// Package console is the page of the sandbox: files that are part of the program, and the
// handler that serves them.
//
// Requests for the page come in; its HTML, style and scripts go out, each with an entity tag
// and a policy that lets it load from nowhere else. It promises that the page works without a
// build step and without the internet. It never knows what the page shows: the browser asks
// the control API itself.
package console

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed page
var page embed.FS

// policy lets the page load from where it came and from nowhere else. Style attributes and
// scripts inside of the page are refused, too, so text that is shown can never become code.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// New serves the page at / and its parts below /assets/. Anything else is 404. Package sandbox
// sets the headers that all of its answers have.
func New() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		at := r.URL.Path
		if at == "/" {
			at = "/index.html"
		}
		body, err := page.ReadFile("page" + at)
		switch {
		case err != nil, r.URL.Path == "/index.html":
			http.NotFound(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		default:
			sum := sha256.Sum256(body)
			tag := hex.EncodeToString(sum[:12])
			w.Header().Set("Vary", "Accept-Encoding")
			if smaller := packed()[at]; smaller != nil && takesGzip(r.Header.Get("Accept-Encoding")) {
				body, tag = smaller, tag+"-gzip"
				w.Header().Set("Content-Encoding", "gzip")
			}
			w.Header().Set("Content-Type", mediaType(at))
			w.Header().Set("ETag", `"`+tag+`"`)
			// Kept, but asked for each time: after an update nobody works with parts of two versions.
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
		}
	})
}

// packed are the files of the page in gzip, by their paths: some 45 KB, made when they are first asked for.
var packed = sync.OnceValue(packFiles)

func packFiles() map[string][]byte {
	all := map[string][]byte{}
	_ = fs.WalkDir(page, "page", func(name string, entry fs.DirEntry, err error) error { // of what is embedded nothing fails
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := page.ReadFile(name)
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		_, _ = w.Write(body)
		_ = w.Close()
		if b.Len() < len(body) {
			all[strings.TrimPrefix(name, "page")] = b.Bytes()
		}
		return err
	})
	return all
}

// takesGzip reports whether a client takes gzip by its Accept-Encoding.
func takesGzip(accepted string) bool {
	for part := range strings.SplitSeq(accepted, ",") {
		coding, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" || coding == "*" {
			weight := strings.TrimPrefix(strings.TrimSpace(parameters), "q=")
			return strings.Trim(weight, "0.") != "" || weight == ""
		}
	}
	return false
}

// mediaType does not ask the machine first, since some know .js as plain text.
func mediaType(name string) string {
	kinds := map[string]string{
		".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}
	return cmp.Or(kinds[path.Ext(name)], mime.TypeByExtension(path.Ext(name)))
}
