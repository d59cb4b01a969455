// Package echo is a consumer that repeats what it was sent, for tests.
//
// Secrets come in, and requests over a real socket; answers go out that repeat the secrets and the token of
// the request: each of them, and each of its parts, in every encoding, in every place of an answer in which a
// program may read it. What was repeated is searched for in what a program has written. It promises
// that the same secrets give the same answers in the same order, however many connections there are.
package echo

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Server answers each request with the next combination of a secret, an encoding and a place.
type Server struct {
	URL string // of any path

	listener  net.Listener
	serving   sync.WaitGroup
	known     []string
	encodings []Encoding

	mu       sync.Mutex
	open     map[net.Conn]bool
	n        int // answers so far
	repeated map[string]repeated
}

// Listen starts a server that knows some secrets, at least one, beside the tokens that it is sent. Its error is that of the socket.
func Listen(known ...string) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{URL: "http://" + l.Addr().String(), listener: l, known: known, encodings: Encodings(), open: map[net.Conn]bool{}, repeated: map[string]repeated{}}
	s.serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			s.mu.Lock()
			s.open[c] = true
			s.mu.Unlock()
			s.serving.Go(func() { s.serve(c) })
		}
	})
	return s, nil
}

// Close ends all connections.
func (s *Server) Close() {
	s.listener.Close()
	s.mu.Lock()
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.serving.Wait()
}

// Answers is how many requests, with tokens or without, it takes until each secret was repeated in each encoding, in several places.
func (s *Server) Answers(signed bool) int {
	if !signed {
		return rounds * len(s.encodings) * len(s.known)
	}
	return rounds * len(s.encodings) * (len(s.known) + tokenParts)
}

// rounds is in how many places each secret stands in each encoding. Each of them stands in every place, and each encoding, too.
const rounds = 3

// tokenParts is how many parts of a token are repeated.
const tokenParts = 6

// parts are those of a token.
func parts(token string) []string {
	p := append(strings.Split(token, "."), "", "", "")
	return []string{token, p[0] + "." + p[1], p[1], p[2], token[:min(60, len(token))], p[2][len(p[2])/2:]}
}

func (s *Server) serve(c net.Conn) {
	defer func() {
		c.Close()
		s.mu.Lock()
		delete(s.open, c)
		s.mu.Unlock()
	}()
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		if r.Method == http.MethodHead { // it delivers nothing
			if _, err := io.WriteString(c, "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"); err != nil {
				return
			}
			continue
		}
		text, goesOn := s.next(r)
		if _, err := io.WriteString(c, text); err != nil || !goesOn {
			return
		}
	}
}

// next is the next answer, and whether the connection goes on.
func (s *Server) next(r *http.Request) (text string, goesOn bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.known)
	if token := strings.TrimPrefix(r.Header.Get("Vonage-Signature"), "Bearer "); token != "" {
		all = append(all, parts(token)...)
	}
	for i := range all {
		all[i] = cmp.Or(all[i], s.known[0]) // a forgery may have no such part
	}
	secret, encoding := all[s.n%len(all)], s.encodings[s.n/len(all)%len(s.encodings)]
	round := s.n / len(all) / len(s.encodings)
	place := places[(s.n%len(all)+5*(s.n/len(all))+7*round)%len(places)]
	s.n++
	what := encoding.Encode(secret)
	if !place.lines {
		what = oneLine.Replace(what)
	}
	s.repeated[what] = repeated{fmt.Sprintf("%.12q… as %s in %s", secret, encoding.Name, place.name), min(len(what), max(gramLength, mostShown*len(what)/len(secret)))}
	return place.answer(what), place.goesOn
}

var oneLine = strings.NewReplacer("\r", "", "\n", "", "\x00", "")

// repeated is what was repeated.
type repeated struct {
	what string
	gram int // bytes in a row that are too many
}

const (
	gramLength = 12 // bytes in a row that are no accident
	mostShown  = 4  // bytes of a secret that may be left where an encoding makes much of each
)

// mostFound is how many findings are told.
const mostFound = 20

// Search finds what was repeated, or 12 bytes of it in a row and 4 of the secret, in texts by their names. It reads them as they stand, and without the
// escapes of JSON, Go, HTML and URLs. What it returns says where, and what.
func (s *Server) Search(texts map[string]string) (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	grams := map[int]map[string]string{} // by their length
	var short []string
	for what, r := range s.repeated {
		if len(what) < gramLength {
			short = append(short, what)
			continue
		}
		if grams[r.gram] == nil {
			grams[r.gram] = map[string]string{}
		}
		for i := 0; i+r.gram <= len(what); i++ {
			grams[r.gram][what[i:i+r.gram]] = what
		}
	}
	for _, e := range s.encodings { // what stands around everything is no secret
		frame := e.Encode("")
		for n, all := range grams {
			for i := 0; i+n <= len(frame); i++ {
				delete(all, frame[i:i+n])
			}
		}
	}
	report := func(name, what, shown string) {
		if line := fmt.Sprintf("%s shows %q of %s: %q", name, shown, s.repeated[what].what, what); !slices.Contains(found, line) && len(found) < mostFound {
			found = append(found, line)
		}
	}
	for name, text := range texts {
		for _, read := range readings(text) {
			for _, what := range short {
				if shows(read, what) {
					report(name, what, what)
				}
			}
			for n, all := range grams {
				for i := 0; i+n <= len(read); i++ {
					if what, is := all[read[i:i+n]]; is {
						report(name, what, read[i:i+n])
					}
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// shows reports whether a short text stands in another one, but not within a word: in thousands of identifiers, four letters in a row are
// an accident now and then.
func shows(text, what string) bool {
	for rest := text; ; {
		i := strings.Index(rest, what)
		if i < 0 {
			return false
		}
		before, after := rest[:i], rest[i+len(what):]
		if before == "" || after == "" || !isWord(before[len(before)-1]) || !isWord(after[0]) {
			return true
		}
		rest = rest[i+1:]
	}
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// readings are a text as it stands, and as programs read it.
func readings(text string) []string {
	all := []string{text, html.UnescapeString(text), jsonEscapes.Replace(text), jsonEscapes.Replace(html.UnescapeString(text))}
	if plain, err := url.PathUnescape(strings.ReplaceAll(text, "% ", " ")); err == nil {
		all = append(all, plain)
	}
	return all
}

var jsonEscapes = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\r`, "\r", `\t`, "\t", `\u003c`, "<", `\u003e`, ">", `\u0026`, "&", `\u0000`, "\x00", `\x00`, "\x00", `\x1f`, "\x1f")
