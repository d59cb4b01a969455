//go:build !unix

package watch

import (
	"errors"
	"os"
)

// Without a Unix terminal there is no screen: isForeground is false everywhere.

func endSignals() []os.Signal    { return nil }
func screenSignals() []os.Signal { return nil }
func isSuspend(os.Signal) bool   { return false }
func raise(os.Signal)            {}
func isForeground(*os.File) bool { return false }

func readByKey(*os.File) (restore func(), err error) {
	return nil, errors.New("keys need a Unix terminal")
}

func readKeys(*os.File, <-chan struct{}, func(byte)) {}
