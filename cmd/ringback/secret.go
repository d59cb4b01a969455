package main

import (
	"fmt"
	"os"
	"strings"

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
			return nil, false, usage("secret: %v", reason(err))
		}
		value = string(text)
	}
	secret, err = signature.ParseSecret(value)
	if err != nil {
		return nil, false, usage("secret: %v", err)
	}
	return secret, development, nil
}

// developmentNote says that a secret that everybody knows is in use.
func developmentNote() string {
	return fmt.Sprintf("using the development secret, which is no secret: %s", signature.DevelopmentSecret)
}
