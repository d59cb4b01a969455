//go:build !linux

package pace

import "time"

const kernelSleeps = false

func kernelSleep(time.Duration) {}

func sharpen() (restore func()) { return func() {} }
