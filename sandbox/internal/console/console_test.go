package console

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func answer(method, path string, header ...string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	New().ServeHTTP(w, r)
	return w
}

func TestAnswersHaveTheirStatusAndType(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/assets/app.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/assets/style.css", 200, "text/css; charset=utf-8"},
		{"GET", "/assets/icon.svg", 200, "image/svg+xml"},
		{"GET", "/index.html", 404, ""},
		{"GET", "/assets/", 404, ""},
		{"GET", "/assets/../console.go", 404, ""},
		{"POST", "/", 405, ""},
		{"DELETE", "/assets/app.js", 405, ""},
	} {
		w := answer(c.method, c.path)
		if w.Code != c.status || c.kind != "" && w.Header().Get("Content-Type") != c.kind {
			t.Errorf("%s %s: %d %q, want %d %q", c.method, c.path, w.Code, w.Header().Get("Content-Type"), c.status, c.kind)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != policy {
			t.Errorf("%s %s: policy %q", c.method, c.path, got)
		}
	}
	for _, unsafe := range []string{"unsafe", "http", "*"} {
		if strings.Contains(policy, unsafe) {
			t.Errorf("the policy has %q", unsafe)
		}
	}
}

func TestWhatIsKeptIsAskedForAgain(t *testing.T) {
	first := answer("GET", "/assets/app.js")
	tag := first.Header().Get("ETag")
	if tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("headers %v, want an entity tag and no-cache", first.Header())
	}
	if w := answer("GET", "/assets/app.js", "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("asked again: %d with %d bytes, want 304 with none", w.Code, w.Body.Len())
	}
	if w := answer("GET", "/assets/app.js", "If-None-Match", `"another"`); w.Code != http.StatusOK {
		t.Errorf("another tag: %d, want 200", w.Code)
	}
}

// assets maps paths of URLs to the texts below page.
func assets(t *testing.T) map[string]string {
	all := map[string]string{}
	err := fs.WalkDir(page, "page", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		at := strings.TrimPrefix(name, "page")
		if at == "/index.html" {
			at = "/"
		}
		body, err := page.ReadFile(name)
		all[at] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// reference finds what a file of the page loads.
var reference = regexp.MustCompile(`(?:(?:src|href)=|SharedWorker\(|styled\()"(/[^"]*)"|(?:from|import) ?\(?"\./([^"]+)"`)

func TestThePageLoadsOnlyWhatIsThereAndUsesAll(t *testing.T) {
	assets := assets(t)
	used := []string{"/"}
	for path, a := range assets {
		for _, found := range reference.FindAllStringSubmatch(a, -1) {
			to := found[1]
			if found[2] != "" {
				to = "/assets/" + found[2]
			}
			if _, ok := assets[to]; !ok {
				t.Errorf("%s loads %s, which is not there", path, to)
			}
			used = append(used, to)
		}
	}
	for path := range assets {
		if !slices.Contains(used, path) {
			t.Errorf("nothing loads %s", path)
		}
	}
}

// forbidden is what the policy would stop in the browser, or what makes markup of text.
var forbidden = regexp.MustCompile(`<[^>]*\s(?:style|on[a-z]+)=|<script>|<style|javascript:|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\("style"`)

func TestNoTextBecomesMarkupOrCode(t *testing.T) {
	assets := assets(t)
	for path, a := range assets {
		if found := forbidden.FindString(a); found != "" {
			t.Errorf("%s has %q", path, found)
		}
		// The addresses of XML namespaces and examples are not loaded.
		if path != "/assets/icon.svg" && regexp.MustCompile(`(?:src|href|url)\s*[=(]\s*["']?https?:`).MatchString(a) {
			t.Errorf("%s names a resource outside", path)
		}
		if n := strings.Count(a, "\n"); n > 300 {
			t.Errorf("%s has %d lines", path, n)
		}
	}
}

// The page is sent in gzip to whoever takes that, and is the same then.
func TestThePageIsCompressed(t *testing.T) {
	for accepted, packed := range map[string]bool{"": false, "gzip": true, "br, gzip;q=0.5": true, "*": true, "gzip;q=0": false, "gzip; q=0.000, br": false, "deflate": false, "identity": false} {
		for path, want := range assets(t) {
			w := answer("GET", path, "Accept-Encoding", accepted)
			var body io.Reader = w.Body
			size := w.Body.Len()
			is := w.Header().Get("Content-Encoding") == "gzip"
			if is {
				z, err := gzip.NewReader(w.Body)
				if err != nil {
					t.Fatal(err)
				}
				body = z
			}
			got, err := io.ReadAll(body)
			if err != nil || string(got) != want || is != packed || is && size > len(want) || w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s with %q: %d bytes, gzip %t, %v", path, accepted, size, is, err)
			}
			if again := answer("GET", path, "Accept-Encoding", accepted, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
				t.Errorf("%s with %q again: %d", path, accepted, again.Code)
			}
			if is && w.Header().Get("ETag") == answer("GET", path).Header().Get("ETag") {
				t.Errorf("%s: both forms have one entity tag", path)
			}
		}
	}
}
