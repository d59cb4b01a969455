package main

import (
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/signature"
)

// readTargets reads a targets file. What a target does not say itself, it has from base.
func readTargets(path string, base emitter.Target) ([]emitter.Target, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, usage("targets: %v", err)
	}
	f, root := source.Open(path, text)
	r := &targetReader{File: f, base: base}
	if root != nil {
		for _, e := range f.Entries("the targets file", root) {
			if e.Key.Value != "targets" {
				f.UnknownKey("the targets file", e.Key, []string{"targets"})
				continue
			}
			for _, item := range f.List("targets", e.Value) {
				r.target(item)
			}
		}
		if len(r.targets) == 0 && f.Err() == nil {
			f.Errorf(source.Of(root), `want "targets:" with at least one entry`)
		}
	}
	if err := f.Err(); err != nil {
		return nil, &statusError{exitUsage, err}
	}
	return r.targets, nil
}

type targetReader struct {
	*source.File
	base    emitter.Target
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
			for _, item := range r.List("types", e.Value) {
				pattern, _ := r.Text("types", item)
				t.Types = append(t.Types, pattern)
			}
		case "headers":
			if t.Header == nil {
				t.Header = http.Header{}
			}
			for _, h := range r.Entries("headers", e.Value) {
				t.Header.Set(h.Key.Value, r.value(h.Key.Value, h.Value))
			}
		case "connections":
			t.Connections = r.limit("connections", e.Value)
		case "waiting":
			t.Waiting = r.limit("waiting", e.Value)
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

// limit reads a whole number of at least 1.
func (r *targetReader) limit(what string, n *source.Node) int {
	text, ok := r.Scalar(what, "a whole number of at least 1", n)
	limit, err := strconv.Atoi(text)
	if ok && (err != nil || limit < 1) {
		r.Errorf(source.Of(n), "%s: want a whole number of at least 1, got %s", what, source.Describe(n))
	}
	return limit
}

// secret reads a secret. Its text never gets into an error.
func (r *targetReader) secret(key string, n *source.Node, into *signature.Secret) {
	secret, _, err := readSecret(r.value(key, n))
	if err != nil {
		r.Errorf(source.Of(n), "%s%v", strings.TrimSuffix(key, "secret"), err).Line = ""
		return
	}
	*into = secret
}

func (r *targetReader) tls(n *source.Node, t *emitter.TLS) {
	for _, e := range r.Entries("tls", n) {
		switch e.Key.Value {
		case "ca":
			t.CAFile = r.value("ca", e.Value)
		case "cert":
			t.CertFile = r.value("cert", e.Value)
		case "key":
			t.KeyFile = r.value("key", e.Value)
		case "server-name":
			t.ServerName = r.value("server-name", e.Value)
		case "insecure":
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

// value reads a text, or {env: NAME} for the value of an environment variable, so that
// secrets need not stand in a file.
func (r *targetReader) value(what string, n *source.Node) string {
	if !source.IsMapping(n) {
		text, _ := r.Text(what, n)
		return text
	}
	for _, e := range r.Entries(what, n) {
		if e.Key.Value != "env" {
			r.UnknownKey(what, e.Key, []string{"env"})
			continue
		}
		name, ok := r.Text("env", e.Value)
		value, set := os.LookupEnv(name)
		if ok && !set {
			r.Errorf(source.Of(e.Value), "%s: the environment variable %s is not set", what, name)
		}
		return value
	}
	return ""
}
