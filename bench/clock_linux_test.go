package main

import (
	"syscall"
	"testing"
)

func TestASocketKeepsTheStamps(t *testing.T) {
	socket, err := keepStamps()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if on, err := syscall.GetsockoptInt(int(socket.Fd()), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS); err != nil || on != 1 {
		t.Errorf("the socket asks for stamps: %d, %v; want 1", on, err)
	}
}
