// Command gosqlite receives the notifications of a contact centre (POST /events), keeps the phases of each channel in
// tables, and tells them (GET /calls/{conversationId}).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const maxBody = 1 << 20

type service struct {
	keys  keyring
	store *store
}

func main() {
	log.SetFlags(log.LstdFlags | log.Lmicroseconds)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	keys, err := newKeyring(os.Getenv("SECRET"), os.Getenv("NEXT_SECRET"))
	if err != nil {
		return err
	}
	data := os.Getenv("DATA")
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	store, err := open(filepath.Join(data, "calls.db"))
	if err != nil {
		return err
	}
	s := &service{keys: keys, store: store}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /events", s.receive) // other methods are answered with 405
	mux.HandleFunc("GET /calls/{conversationId}", s.tell)
	server := &http.Server{
		Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: mux,
		ReadHeaderTimeout: 30 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
	}
	if err := os.WriteFile(filepath.Join(data, "consumer.pid"), []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		<-ctx.Done()
		soon, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(soon)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return store.write.Close()
}

func (s *service) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		status := http.StatusBadRequest // broke off, and comes again
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		log.Printf("not read: %v", err)
		w.WriteHeader(status)
		return
	}
	if err := s.keys.authentic(r.Header, body, time.Now()); err != nil {
		log.Printf("refused: %v", err)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	n, err := understand(body)
	if err != nil {
		log.Printf("cannot be used: %v: %.200q", err, body)
		w.WriteHeader(http.StatusNoContent) // a retry would bring the same bytes
		return
	}
	if err := s.store.add(n, body); err != nil {
		log.Printf("not stored: %v", err)
		w.WriteHeader(http.StatusServiceUnavailable) // it comes again
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *service) tell(w http.ResponseWriter, r *http.Request) {
	call, err := s.store.call(r.Context(), strings.ToLower(r.PathValue("conversationId")))
	if err != nil {
		log.Printf("not told: %v", err)
		http.Error(w, "not available", http.StatusInternalServerError)
		return
	}
	if call == nil {
		http.Error(w, "not known", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(call)
}
