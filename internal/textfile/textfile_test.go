package textfile

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

func packed(texts ...string) string {
	var b bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&b)
		w.Write([]byte(text))
		w.Close()
	}
	return b.String()
}

// wide is a text in UTF-16.
func wide(mark, text string, high, low int) string {
	b := []byte(mark)
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := [2]byte{}
		pair[high], pair[low] = byte(unit>>8), byte(unit)
		b = append(b, pair[:]...)
	}
	return string(b)
}

func TestOneReaderForAllFiles(t *testing.T) {
	const bom = byteOrderMark
	for _, c := range []struct{ name, file, want, wrong string }{
		{"plain", "{}\n", "{}\n", ""},
		{"empty", "", "", ""},
		{"a mark", bom + "a\r\nb", "a\r\nb", ""},
		{"a mark alone", bom, "", ""},
		{"two marks", bom + bom + "a", bom + "a", ""},
		{"packed", packed("a\n"), "a\n", ""},
		{"packed, of several members", packed("a", "", "b"), "ab", ""},
		{"packed, empty", packed(""), "", ""},
		{"packed with a mark", packed(bom + "a"), "a", ""},
		{"packed, and cut off", packed("abcdefghi")[:20], "", "the file cannot be unpacked to its end (was it cut off?)"},
		{"packed, and junk behind it", packed("a") + "junk", "", "the file cannot be unpacked to its end (was it cut off?)"},
		{"packed twice", packed(packed("a")), "", "it is packed with gzip twice; unpack it once"},
		{"only the beginning of gzip", "\x1f\x8b", "", "it begins as a gzip file does, but is none"},
		{"UTF-16, little endian", wide("\xff\xfe", "a: 1", 1, 0), "", "the file is UTF-16; save it as UTF-8"},
		{"UTF-16, big endian", wide("\xfe\xff", "a: 1", 0, 1), "", "the file is UTF-16; save it as UTF-8"},
		{"UTF-16 without a mark", wide("", "{}", 1, 0), "", "the file is UTF-16; save it as UTF-8"},
		{"UTF-16, packed", packed(wide("\xff\xfe", "a: 1", 1, 0)), "", "the file is UTF-16; save it as UTF-8"},
		{"UTF-32", "\xff\xfe\x00\x00a\x00\x00\x00", "", "the file is UTF-32; save it as UTF-8"},
		{"zstd", "\x28\xb5\x2f\xfd\x00", "", "it is packed with zstd; unpack it, or pack it with gzip"},
		{"ZIP", "PK\x03\x04", "", "it is a ZIP archive; unpack it, or pack its files with gzip"},
		{"UTF-16 without a mark, big endian", wide("", "name: x", 0, 1), "", "the file is UTF-16; save it as UTF-8"},
		{"a NUL somewhere", "ab\x00c", "ab\x00c", ""},
		{"too long", "123456789abcdef", "123456789ab", ""},
	} {
		got, err := Read(strings.NewReader(c.file), 10)
		if string(got) != c.want || (c.wrong == "") != (err == nil) || err != nil && err.Error() != c.wrong {
			t.Errorf("%s: %q, %v; want %q, %s", c.name, got, err, c.want, c.wrong)
		}
	}
}

func TestFilesAreNamed(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	for _, c := range []struct{ path, text, wrong string }{
		{path, "\ufeffa", ""},
		{path, "\xff\xfea", path + ": the file is UTF-16; save it as UTF-8"},
		{folder, "", folder + ": is a directory; want a file"},
		{path + "y", "", path + "y: no such file or directory"},
	} {
		if c.text != "" {
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := ReadFile(c.path, 10)
		if c.wrong == "" && (string(got) != "a" || err != nil) || c.wrong != "" && (err == nil || err.Error() != c.wrong) {
			t.Errorf("%s: %q, %v; want %s", c.path, got, err, c.wrong)
		}
	}
}
