// Command journal receives the webhooks of a contact centre and tells what happened in each conversation. It appends what it
// accepts to a file, or keeps it in SQLite.
//
// Settings come from the environment: PORT, SECRET, NEXT_SECRET (optional) and DATA. It makes the mistake, or has the habit, that
// it is told; consumers.tsv lists them.
package main

import (
	"encoding/base64"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
	_ "time/tzdata"
)

var mistake, habit string

// is tells whether the service makes one of these mistakes.
func is(names ...string) bool {
	for _, n := range names {
		if mistake == n {
			return true
		}
	}
	return false
}

// does tells whether the service has one of these habits.
func does(names ...string) bool {
	for _, n := range names {
		if habit == n {
			return true
		}
	}
	return false
}

func main() {
	flag.StringVar(&mistake, "mistake", "", "mistake to make")
	flag.StringVar(&habit, "habit", "", "lawful habit to have")
	flag.Parse()
	if mistake != "" && !known[mistake] || habit != "" && !habits[habit] {
		log.Fatalf("unknown: %q %q", mistake, habit)
	}
	data := os.Getenv("DATA")
	if data == "" {
		log.Fatal("DATA is not set")
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		log.Fatal(err)
	}
	var keys [][]byte
	for _, name := range []string{"SECRET", "NEXT_SECRET"} {
		text := os.Getenv(name)
		if text == "" || name == "NEXT_SECRET" && is("one-secret") {
			continue
		}
		keys = append(keys, secret(text))
	}
	if len(keys) == 0 {
		log.Fatal("SECRET is not set")
	}
	st, err := open(data)
	if err != nil {
		log.Fatal(err)
	}
	s := newServer(keys, st)
	mux := http.NewServeMux()
	mux.HandleFunc("/events", s.events)
	mux.HandleFunc("GET /calls/{id}", s.call)
	var handler http.Handler = mux
	if does("one-lock-close") {
		handler = oneAtATime(mux)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	if is("raw-header-map") {
		log.Fatal(serveFast(ln, handler))
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 20 * time.Second, ErrorLog: log.New(discard{}, "", 0), ConnContext: connContext}
	log.Fatal(srv.Serve(ln))
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// secret decodes the text of a subscription's secret.
func secret(text string) []byte {
	if is("secret-as-text") {
		return []byte(text)
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		key, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	}
	if err != nil {
		log.Fatalf("the secret is no Base64: %v", err)
	}
	if is("secret-as-utf8") {
		return []byte(strings.ToValidUTF8(string(key), "\uFFFD"))
	}
	return key
}
