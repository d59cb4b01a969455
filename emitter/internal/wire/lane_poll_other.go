//go:build !linux

package wire

// unpark does nothing: no connection waits without a goroutine here.
func (*lane) unpark() {}
