package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// fileName is the file in the folder that holds the state.
const fileName = "sandbox.db"

// DefaultFolder is where a user's sandbox is kept: ringback below XDG_STATE_HOME, which is
// ~/.local/state, or on macOS and Windows below the folder of settings.
func DefaultFolder() (string, error) {
	const hint = "; name a folder with --data, or keep nothing with --data memory"
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return "", fmt.Errorf("where does the state go? %w%s", err, hint)
		}
		return filepath.Join(dir, "ringback"), nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "ringback"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("where does the state go? %w%s", err, hint)
	}
	return filepath.Join(home, ".local", "state", "ringback"), nil
}

// prepare makes the folder for its owner alone, and returns the path of the file. A folder
// that others may read is refused rather than changed: it may be meant for something else.
func prepare(folder string) (path string, err error) {
	if folder == "" {
		return "", nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("the folder of the state: %w", show.FileError(err))
	}
	info, err := os.Stat(folder)
	if err != nil {
		return "", fmt.Errorf("the folder of the state: %w", show.FileError(err))
	}
	if loose := info.Mode().Perm() & 0o077; loose != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("the folder %s holds secrets, and others may enter it (mode %04o): chmod 700 it, or name another with --data",
			folder, info.Mode().Perm())
	}
	return filepath.Join(folder, fileName), nil
}

// Check reads the whole state in a folder and returns an error that names what is damaged.
// No sandbox may have the state open meanwhile.
func Check(ctx context.Context, folder string) (err error) {
	s, err := store.Open(filepath.Join(folder, fileName), store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Check(ctx)
}
