package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// String is what ParsePlace reads as this place.
func (p Place) String() string {
	behind := ""
	if p.Append {
		behind = ">>"
	}
	if behind == "" && strings.EqualFold(filepath.Ext(p.Path), p.Format) {
		return p.Path
	}
	return strings.TrimPrefix(p.Format, ".") + ":" + behind + p.Path
}

// CheckName returns an error if a text is no name that somebody gives to a file which is written: "-", as other programs call standard
// output, or one that begins with ">", which a shell would have taken away.
func CheckName(path string) error {
	switch {
	case path == "-":
		return fmt.Errorf(`"-" names no file; write /dev/stdout for standard output, or ./- for a file of this name`)
	case strings.HasPrefix(path, ">"):
		return fmt.Errorf(`%q begins with ">"; write %q, or %q for a file of this name`, path, strings.TrimLeft(path, "> "), "./"+path)
	}
	return nil
}

// mostLinks is how many symbolic links in a row are followed, as Linux does.
const mostLinks = 40

// landing is the path at which a file would be made that is written to a path: where its symbolic links lead, though there is no file yet.
func landing(path string) string {
	for range mostLinks {
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(realFolder(path), to)
		}
		path = to
	}
	return path
}

// realFolder is the folder of a file without symbolic links, or as it is written if it is not there.
func realFolder(path string) string {
	folder := filepath.Dir(path)
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		return real
	}
	return folder
}

// SameFile reports whether what is written to two paths goes into one file, which may not be there yet: by other spellings, links
// of either kind, or folders with two paths. A device or a pipe is no file.
func SameFile(a, b string) bool {
	one, errA := os.Stat(a)
	other, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return one.Mode().IsRegular() && os.SameFile(one, other)
	}
	if errA == nil || errB == nil {
		return false
	}
	a, b = landing(a), landing(b)
	if filepath.Base(a) != filepath.Base(b) {
		return false
	}
	one, errA = os.Stat(filepath.Dir(a))
	other, errB = os.Stat(filepath.Dir(b))
	return errA == nil && errB == nil && os.SameFile(one, other)
}
