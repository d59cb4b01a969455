//go:build linux || aix || solaris

package watch

import "golang.org/x/sys/unix"

const getTermios, setTermios = unix.TCGETS, unix.TCSETSW
