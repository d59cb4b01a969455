package settings

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/textfile"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// TargetText says where to send, and as whom, as users write it.
type TargetText struct {
	To, Allow          []string
	File               string // of more targets
	Secret, NextSecret string // BASE64 or @FILE; empty: the public development secrets
	Headers            []string
	CA, Cert, Key      string // PEM files
	Insecure           bool
	AllowOther         bool // Allow is also for what is dialled beside targets, so that it needs none
}

// How many targets a run may have, each with connections, workers and a queue of its own; and how many headers of one's own, which
// each request carries.
const (
	mostTargets = 1000
	mostHeaders = 100
)

// Senders is who sends, and to whom.
type Senders struct {
	Targets      []emitter.Target // none if no target is named
	Secret, Next signature.Secret // of targets without secrets of their own
	Development  bool             // the public development secret signs for some of them
	Doubts                        // about the secrets
}

// Read reads the texts, and the files that they name. Each problem is a *Problem, and all of
// them are joined.
func (t *TargetText) Read(types []string) (s Senders, err error) {
	unread := s.readSecrets(t)
	header, err := parseHeaders(t.Headers)
	errs := []error{unread, wrong(Headers, err), few(To, len(t.To), mostTargets), few(Headers, len(t.Headers), mostHeaders), few(AllowTarget, len(t.Allow), mostTargets)}
	if len(t.To) == 0 && t.File == "" {
		idle := fieldsOf(given{Headers, len(t.Headers) > 0}, given{AllowTarget, len(t.Allow) > 0 && !t.AllowOther}, given{CA, t.CA != ""},
			given{Cert, t.Cert != ""}, given{Key, t.Key != ""}, given{Insecure, t.Insecure})
		if idle != nil {
			errs = append(errs, &Problem{Field: idle[0], Reason: "there is no target", Cure: "add %s", With: []Field{To, Targets}})
		} else {
			errs = append(errs, wrong(AllowTarget, netguard.Allow(t.Allow).Validate()))
		}
		return s, errors.Join(errs...)
	}
	errs = append(errs, wrong(AllowTarget, netguard.Allow(t.Allow).Validate()))
	base := emitter.Target{Types: types, Header: header, Allow: t.Allow,
		TLS: emitter.TLS{CAFile: t.CA, CertFile: t.Cert, KeyFile: t.Key, InsecureSkipVerify: t.Insecure}}
	errs = append(errs, checkTLS(base.TLS))
	for _, url := range t.To[:min(len(t.To), mostTargets)] {
		one := base
		one.URL, one.Secret, one.NextSecret = url, s.Secret, s.Next
		errs = append(errs, wrong(To, one.CheckURL()))
		s.Targets = append(s.Targets, one)
	}
	var listed []emitter.Target
	if t.File != "" {
		listed, err = readTargets(t.File, base, &s.Doubts)
		errs = append(errs, wrong(Targets, err))
	}
	usesDefault := len(t.To) > 0
	for i := range listed {
		if listed[i].Secret == nil {
			listed[i].Secret, usesDefault = s.Secret, true
			if listed[i].NextSecret == nil {
				listed[i].NextSecret = s.Next
			}
		}
	}
	s.Targets, s.Development = append(s.Targets, listed...), s.Development && usesDefault
	for i := range s.Targets {
		s.Targets[i].Hide = s.Doubts.texts
	}
	return s, errors.Join(errs...)
}

// checkTLS reads the PEM files.
func checkTLS(c emitter.TLS) error {
	var errs []error
	if (c.CertFile == "") != (c.KeyFile == "") {
		missing := &Problem{Field: Cert, Reason: "the key is missing", Cure: "add %s", With: []Field{Key}}
		if c.CertFile == "" {
			missing = &Problem{Field: Key, Reason: "the certificate is missing", Cure: "add %s", With: []Field{Cert}}
		}
		errs, c.CertFile, c.KeyFile = append(errs, missing), "", ""
	}
	if all, is := c.Check().(interface{ Unwrap() []error }); is {
		for _, err := range all.Unwrap() {
			if file, is := errors.AsType[*emitter.TLSError](err); is {
				errs = append(errs, wrong(map[string]Field{"CAFile": CA, "CertFile": Cert, "KeyFile": Key}[file.Field], file.Err))
			}
		}
	}
	return errors.Join(errs...)
}

// readSecrets reads the secret and the one that takes its place when the key is rotated.
func (s *Senders) readSecrets(t *TargetText) error {
	secret, next := t.Secret, t.NextSecret
	if s.Development = secret == ""; s.Development {
		secret, next = signature.DevelopmentSecret, cmp.Or(next, signature.DevelopmentNextSecret)
	}
	as := func(f Field) func(string) (signature.Secret, error) {
		return func(text string) (signature.Secret, error) { return s.Doubts.read(f, text, "") }
	}
	return errors.Join(read(Secret, secret, &s.Secret, as(Secret)), read(NextSecret, next, &s.Next, as(NextSecret)))
}

func parseHeaders(lines []string) (http.Header, error) {
	header := http.Header{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, errors.New(`want "Name: value", got no colon`)
		}
		header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return header, nil
}

// CheckRotation refuses targets that could not be sent to after a rotation of the key.
func CheckRotation(targets []emitter.Target) error {
	for i := range targets {
		t := &targets[i]
		if len(t.Secret) > 0 && len(t.NextSecret) == 0 {
			return problem(NextSecret, "%s needs a next secret for the fault %s; set it here, or in the targets file", cmp.Or(t.Name, Redacted(t.URL)), fault.RotateKey)
		}
	}
	return nil
}

// readTargets reads a targets file. What a target does not say itself, it has from base.
func readTargets(path string, base emitter.Target, doubts *Doubts) ([]emitter.Target, error) {
	text, err := textfile.ReadFile(path, source.MaxSize)
	if err != nil {
		return nil, err
	}
	f, root := source.Open(path, text)
	r := &targetReader{File: f, path: path, base: base, doubts: doubts}
	if root != nil {
		for _, e := range f.Entries("the targets file", root) {
			if e.Key.Value != "targets" {
				f.UnknownKey("the targets file", e.Key, []string{"targets"})
				continue
			}
			for i, item := range f.List("targets", e.Value) {
				if i == mostTargets {
					f.Errorf(source.Of(item), "targets: want at most %d, got %d", mostTargets, len(e.Value.Content))
					break
				}
				r.target(item)
			}
		}
		if len(r.targets) == 0 && f.Err() == nil {
			f.Errorf(source.Of(root), `want "targets:" with at least one entry`)
		}
	}
	return r.targets, withoutLines(f.Err())
}

// withoutLines is an error about a targets file without its lines: secrets, headers and URLs with passwords stand in them.
func withoutLines(err error) error {
	if problems, is := errors.AsType[source.Problems](err); is {
		for _, p := range problems {
			p.Line = ""
		}
	}
	return err
}

type targetReader struct {
	*source.File
	path    string
	base    emitter.Target
	doubts  *Doubts // gets those of the file
	targets []emitter.Target
}

var (
	targetKeys = []string{"name", "url", "secret", "next-secret", "types", "headers", "connections", "waiting", "tls"}
	tlsKeys    = []string{"ca", "cert", "key", "server-name", "insecure"}
)

func (r *targetReader) target(n *source.Node) {
	t := r.base
	t.Header = r.base.Header.Clone()
	for _, e := range r.Entries("the target", n) {
		switch e.Key.Value {
		case "name":
			t.Name, _ = r.Text("name", e.Value)
		case "url":
			t.URL = r.value("url", e.Value)
		case "secret":
			r.secret("secret", e.Value, &t.Secret)
		case "next-secret":
			r.secret("next-secret", e.Value, &t.NextSecret)
		case "types":
			t.Types = nil
			for i, item := range r.List("types", e.Value) {
				if i == mostRules {
					r.Errorf(source.Of(item), "types: want at most %d, got %d", mostRules, len(e.Value.Content))
					break
				}
				pattern, _ := r.Text("types", item)
				t.Types = append(t.Types, pattern)
			}
		case "headers":
			if t.Header == nil {
				t.Header = http.Header{}
			}
			for i, h := range r.Entries("headers", e.Value) {
				if i == mostHeaders {
					r.Errorf(source.Of(h.Key), "headers: want at most %d, got %d", mostHeaders, len(e.Value.Content)/2)
					break
				}
				t.Header.Set(h.Key.Value, r.value(h.Key.Value, h.Value))
			}
		case "connections":
			t.Connections = r.limit("connections", policy.MostConnections, e.Value)
		case "waiting":
			t.Waiting = r.limit("waiting", policy.MostWaiting, e.Value)
		case "tls":
			r.tls(e.Value, &t.TLS)
		default:
			r.UnknownKey("the target", e.Key, targetKeys)
		}
	}
	if t.URL == "" && source.IsMapping(n) && r.Err() == nil {
		r.Errorf(source.Of(n), `the target needs "url"`)
	}
	r.targets = append(r.targets, t)
}

// limit reads a whole number from 1 to the most that there may be.
func (r *targetReader) limit(what string, most int, n *source.Node) int {
	text, ok := r.Scalar(what, fmt.Sprintf("a whole number from 1 to %d", most), n)
	limit, err := strconv.Atoi(text)
	if ok && (err != nil || limit < 1 || limit > most) {
		r.Errorf(source.Of(n), "%s: want a whole number from 1 to %d, got %s", what, most, source.Describe(n))
	}
	return limit
}

// secret reads a secret. Its text never gets into an error.
func (r *targetReader) secret(key string, n *source.Node, into *signature.Secret) {
	text, ok := r.text(key, n)
	if !ok {
		return
	}
	if path, isFile := strings.CutPrefix(text, "@"); isFile && !source.IsMapping(n) {
		text = "@" + r.beside(path)
	}
	secret, err := r.doubts.read(Targets, text, fmt.Sprintf("%s:%d:%d: %s: ", r.path, n.Line, n.Column, key))
	if err != nil {
		r.Errorf(source.Of(n), "%s: %v", key, err)
		return
	}
	*into = secret
}

func (r *targetReader) tls(n *source.Node, t *emitter.TLS) {
	files := map[string]*string{"ca": &t.CAFile, "cert": &t.CertFile, "key": &t.KeyFile}
	for _, e := range r.Entries("tls", n) {
		switch key := e.Key.Value; {
		case key == "server-name":
			t.ServerName = r.value(key, e.Value)
		case files[key] != nil:
			*files[key] = r.file(key, e.Value)
		case key == "insecure":
			text, ok := r.Text("insecure", e.Value)
			if ok && text != "true" && text != "false" {
				r.Errorf(source.Of(e.Value), "insecure: want true or false, got %s", source.Describe(e.Value))
			}
			t.InsecureSkipVerify = text == "true"
		default:
			r.UnknownKey("tls", e.Key, tlsKeys)
		}
	}
}

// beside is where a path of the file leads: it begins at the file's folder.
func (r *targetReader) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.path), path)
}

// file reads the path of a file, which begins at the targets file, and makes sure that the file is there.
func (r *targetReader) file(key string, n *source.Node) string {
	path := r.value(key, n)
	if path == "" {
		return ""
	}
	path = r.beside(path)
	if info, err := os.Stat(path); err != nil {
		r.Errorf(source.Of(n), "%s: %v", key, show.FileError(err)).Hint = "paths begin at the folder of the targets file"
	} else if info.IsDir() {
		r.Errorf(source.Of(n), "%s: %s is a folder; want a PEM file", key, path)
	}
	return path
}

// value reads a text, or {env: NAME} for the value of an environment variable, so that
// secrets need not stand in a file.
func (r *targetReader) value(what string, n *source.Node) string {
	text, _ := r.text(what, n)
	return text
}

// text is value; ok is false where a problem was found.
func (r *targetReader) text(what string, n *source.Node) (text string, ok bool) {
	if !source.IsMapping(n) {
		return r.Text(what, n)
	}
	for _, e := range r.Entries(what, n) {
		if e.Key.Value != "env" { // it may be a secret that was taken for a key
			r.Errorf(source.Of(e.Key), "%s: want a text, or {env: NAME}; there is another key in it", what)
			continue
		}
		name, ok := r.Text("env", e.Value)
		value, set := os.LookupEnv(name)
		if ok && !set {
			r.Errorf(source.Of(e.Value), "%s: the environment variable %s is not set", what, name)
		}
		return value, ok && set
	}
	return "", false
}
