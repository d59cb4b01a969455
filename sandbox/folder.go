package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

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
// others may enter is refused, not changed: it may have another purpose. But a folder with nothing in
// it but a state is closed to them again: Kubernetes opens all folders of a volume to the group of a pod
// (fsGroup) whenever it mounts one. Said gets a line about that.
func prepare(folder string, said func(format string, args ...any)) (path string, err error) {
	if folder == "" {
		return "", nil
	}
	wrong := func(err error) (string, error) {
		return "", &OptionError{Reason: err, Of: []string{"Data"}}
	}
	if err := os.MkdirAll(folder, 0o700); errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return wrong(fmt.Errorf("%w; name a folder in which user %d may create files", show.FileError(err), os.Geteuid()))
	} else if err != nil {
		return wrong(show.FileError(err))
	}
	info, err := os.Stat(folder)
	if err != nil {
		return wrong(show.FileError(err))
	}
	mode := info.Mode().Perm()
	switch path = filepath.Join(folder, fileName); {
	case mode&0o077 == 0, runtime.GOOS == "windows":
	case holdsOnlyState(folder) && os.Chmod(folder, 0o700) == nil:
		said("other users could enter %s (mode %04o); closed to them", folder, mode)
	default:
		return wrong(fmt.Errorf("other users may enter %s (mode %04o), and secrets are kept there; name a folder in it that is not there yet, such as %s, which is made for its user alone, or run chmod 700 on a folder of your own",
			folder, mode, filepath.Join(folder, "ringback")))
	}
	return path, nil
}

// holdsOnlyState reports whether there is a state in a folder, and nothing else.
func holdsOnlyState(folder string) bool {
	files, err := os.ReadDir(folder)
	return err == nil && len(files) > 0 && !slices.ContainsFunc(files, func(f fs.DirEntry) bool {
		return !f.Type().IsRegular() || !strings.HasPrefix(f.Name(), fileName)
	})
}

// isEmpty reports whether there is a file at path, with nothing in it.
func isEmpty(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
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
