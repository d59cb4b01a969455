package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/signature"
)

// readSecret reads a secret given as BASE64 or @FILE. Nothing given means the development
// secret.
func readSecret(value string) (secret signature.Secret, development bool, err error) {
	if value == "" {
		value, development = signature.DevelopmentSecret, true
	}
	if path, isFile := strings.CutPrefix(value, "@"); isFile {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, false, usage("secret: %v", show.FileError(err))
		}
		value = string(text)
	}
	secret, err = signature.ParseSecret(value)
	if err != nil {
		return nil, false, usage("secret: %v", err)
	}
	return secret, development, nil
}

// readSecrets reads secrets of which each may have signed. None given means the development
// secret and the one that takes its place when the key is rotated.
func readSecrets(values []string) (secrets []signature.Secret, development bool, err error) {
	if len(values) == 0 {
		values, development = []string{signature.DevelopmentSecret, signature.DevelopmentNextSecret}, true
	}
	for _, value := range values {
		if value == "" {
			return nil, false, usage("secret: want Base64 or @FILE, got nothing")
		}
		secret, _, err := readSecret(value)
		if err != nil {
			return nil, false, err
		}
		secrets = append(secrets, secret)
	}
	return secrets, development, nil
}

// developmentNote says that a secret that everybody knows is in use.
func developmentNote() string {
	return fmt.Sprintf("using the development secret, which is no secret: %s", signature.DevelopmentSecret)
}
