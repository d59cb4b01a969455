package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// fileName is the file in the folder that holds the state.
const fileName = "sandbox.db"

// DefaultFolder is the default folder of the state: ringback in XDG_STATE_HOME (~/.local/state), or
// on macOS and Windows in the user's configuration folder.
func DefaultFolder() (string, error) {
	var dir string
	var err error
	switch state := os.Getenv("XDG_STATE_HOME"); {
	case runtime.GOOS == "darwin" || runtime.GOOS == "windows":
		dir, err = os.UserConfigDir()
	case filepath.IsAbs(state):
		dir = state
	default:
		dir, err = os.UserHomeDir()
		dir = filepath.Join(dir, ".local", "state")
	}
	if err != nil {
		return "", &OptionError{fmt.Errorf("no folder for the state: %w", err), nil, [][]string{{"Data"}}}
	}
	return filepath.Join(dir, "ringback"), nil
}

// prepare creates the folder for its owner alone, and returns the path of the file. A folder that
// others may read is refused, not changed: it may have another purpose.
func prepare(folder string) (path string, err error) {
	if folder == "" {
		return "", nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", &OptionError{Reason: show.FileError(err), Of: []string{"Data"}}
	}
	info, err := os.Stat(folder)
	if err != nil {
		return "", &OptionError{Reason: show.FileError(err), Of: []string{"Data"}}
	}
	if loose := info.Mode().Perm() & 0o077; loose != 0 && runtime.GOOS != "windows" {
		return "", &OptionError{fmt.Errorf("other users can read the secrets in %s (mode %04o); run chmod 700 on it", folder, info.Mode().Perm()), nil, [][]string{{"Data"}}}
	}
	return filepath.Join(folder, fileName), nil
}

// stateError is an error of opening the state in a file, with what to do about it.
func stateError(path string, err error) error {
	if t, ok := errors.AsType[*store.Trouble](err); ok {
		if at := "open " + path; !strings.HasPrefix(err.Error(), at) {
			err = fmt.Errorf("%s: %w", at, err)
		}
		err = fmt.Errorf("%w; %s", err, t.AdviceToOpen())
	}
	return &OptionError{Reason: err, Of: []string{"Data"}}
}

// Check reads the whole state in a folder and returns an error if it is damaged. No sandbox may
// have the state open meanwhile.
func Check(ctx context.Context, folder string) (err error) {
	s, err := store.Open(filepath.Join(folder, fileName), store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Check(ctx)
}
