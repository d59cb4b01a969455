//go:build unix

package interop

import (
	"os/exec"
	"syscall"
)

// ownGroup lets a process have a group of its own, since some servers start workers.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills a process and its workers.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
