package main

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/signature"
)

// secretsOf lists what reports must not show, even if a consumer repeats it: secrets in
// the ways in which they are written, and the values of headers.
func secretsOf(targets []emitter.Target) []string {
	var all []string
	add := func(s signature.Secret) {
		if len(s) > 0 {
			all = append(all, base64.StdEncoding.EncodeToString(s), base64.RawURLEncoding.EncodeToString(s), string(s))
		}
	}
	for i := range targets {
		add(targets[i].Secret)
		add(targets[i].NextSecret)
		for _, values := range targets[i].Header {
			for _, value := range values {
				all = append(append(all, value), strings.Fields(value)...)
			}
		}
		all = append(all, credentials(targets[i].URL)...)
	}
	return all
}

// credentials are what a URL holds that is not for everybody, also as a header has it.
func credentials(text string) (all []string) {
	u, err := url.Parse(text)
	if err != nil {
		return nil
	}
	if u.User != nil {
		password, _ := u.User.Password()
		name := u.User.Username()
		all = append(all, password, u.User.String(), base64.StdEncoding.EncodeToString([]byte(name+":"+password)))
	}
	for _, values := range u.Query() {
		all = append(all, values...)
	}
	return all
}
