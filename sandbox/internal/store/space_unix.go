//go:build linux || darwin

package store

import "golang.org/x/sys/unix"

// spaceAt is how many bytes this user can still write beside a file; known is false where the system does not tell.
func spaceAt(path string) (bytes uint64, known bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
