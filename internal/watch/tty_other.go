//go:build !unix

package watch

import (
	"errors"
	"os"
)

// Without a Unix terminal there is no screen: isForeground is false everywhere.

var (
	endSignals, screenSignals []os.Signal
	suspend                   os.Signal
)

func isForeground(*os.File) bool { return false }

func readByKey(*os.File, func(byte)) (restore func(), err error) {
	return nil, errors.New("keys need a Unix terminal")
}
