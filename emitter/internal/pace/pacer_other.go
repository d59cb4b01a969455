//go:build !linux

package pace

import "time"

// Poll does not exist here: package wire has no connection that waits in one.
type Poll struct{ there bool }

func newPoll() *Poll { return nil }

// Wake does nothing.
func (*Poll) Wake() {}

// Close does nothing.
func (*Poll) Close() {}

func (*Poll) wait(time.Duration, bool, bool) {}

func (*Poll) deliver() {}

func sharpen() (restore func()) { return func() {} }
