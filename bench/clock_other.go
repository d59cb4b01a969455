//go:build !linux

package main

import (
	"syscall"
	"time"
)

// clockOf is for Linux alone, as bench is.
func clockOf(int) time.Duration { return 0 }

// ownSession is for Linux alone.
func ownSession() *syscall.SysProcAttr { return nil }
