// Package show writes values for people: texts cut to a bearable length, counts, times. It
// takes any value, and gives one line. It promises that the same value looks the same in
// every part of the product. What programs read is not made here.
package show

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Clip is the text if it has at most so many characters, and otherwise its beginning and
// "…", so many together.
func Clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	count, cut := 0, 0
	for at := range text {
		if count++; count == most {
			cut = at
		}
		if count > most {
			return text[:cut] + "…"
		}
	}
	return text
}

// Line is the text as one printable line of at most so many characters: a control character
// is a space. It is for what a stranger sent.
func Line(text string, most int) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, Clip(text, most))
}

// Counted is a number of things, in the right number: 1 call, 31,525 calls.
func Counted(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Grouped(n) + " " + thing + "s"
}

// Grouped is n with a comma between thousands.
func Grouped(n uint64) string {
	text := []byte(strconv.FormatUint(n, 10))
	for i := len(text) - 3; i > 0; i -= 3 {
		text = slices.Insert(text, i, ',')
	}
	return string(text)
}

// Number is a positive number to three digits, and from a thousand on to the last one before the point: 0.156, 19.8, 12,300.
func Number(v float64) string {
	if v >= 999.5 {
		return Grouped(uint64(min(math.Round(v), 1<<63)))
	}
	return fmt.Sprintf("%.3g", v)
}

// PerSecond is a rate to the digits of Number: 19.8/s.
func PerSecond(rate float64) string { return Number(rate) + "/s" }

// Duration is a time below a minute to three digits, in the unit that suits it, and a longer
// one in whole seconds: 82 µs, 1.24 ms, 10 s, 1h2m3s.
func Duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.3g ms", min(999, float64(d)/float64(time.Millisecond)))
	case d < time.Minute:
		return fmt.Sprintf("%.3g s", float64(d)/float64(time.Second))
	}
	return d.Round(time.Second).String()
}

// Brief is a time as Go writes it, without the units that are 0 at its end: 2m, not 2m0s.
func Brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Long is a time as Brief writes it, or more than 292 years for the longest one that there is, which stands for all beyond it.
func Long(d time.Duration) string {
	switch d {
	case math.MaxInt64:
		return "more than 292 years"
	case math.MinInt64:
		return "less than -292 years"
	}
	return Brief(d)
}

// Offset is a moment of a plan after its start: +01:02.345, or +1:02:03.456 after an hour.
func Offset(d time.Duration) string {
	ms := d.Milliseconds()
	if h := ms / 3_600_000; h > 0 {
		return fmt.Sprintf("+%d:%02d:%02d.%03d", h, ms/60_000%60, ms/1000%60, ms%1000)
	}
	return fmt.Sprintf("+%02d:%02d.%03d", ms/60_000, ms/1000%60, ms%1000)
}

// FileError is an error about a file without the name of the system call.
func FileError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) && pe.Path == "" {
		return errors.New("the name of the file is empty; write one")
	}
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}

// KeyPairError says what is wrong with the files of a certificate and its key, of which package tls says how it looked
// for them.
func KeyPairError(cert, key string, err error) error {
	var pe *fs.PathError
	text := err.Error()
	switch {
	case errors.As(err, &pe):
		return FileError(err)
	case strings.Contains(text, "switched"):
		return fmt.Errorf("%s holds a key, and no certificate: are the two files switched?", cert)
	case strings.Contains(text, "in certificate input"):
		return fmt.Errorf("%s holds no PEM certificate", cert)
	case strings.Contains(text, "in key input"):
		return fmt.Errorf("%s holds no PEM key", key)
	case strings.Contains(text, "does not match"):
		return fmt.Errorf("the key in %s is not that of the certificate in %s", key, cert)
	}
	return fmt.Errorf("%s and %s cannot be used: %w", cert, key, err)
}

// Colours marks text for terminals, to which it has to go through Readable, and leaves it alone everywhere else.
type Colours bool

// FileOf is the file that a stream is, or writes to, as its method File says; nil if there is none.
func FileOf(stream any) *os.File {
	switch s := stream.(type) {
	case *os.File:
		return s
	case interface{ File() *os.File }:
		return s.File()
	}
	return nil
}

// IsDumb reports whether the terminal is known to do nothing but print lines, or nothing is known of it. On
// Windows nobody says what a terminal is.
func IsDumb() bool {
	kind := os.Getenv("TERM")
	return kind == "dumb" || kind == "" && runtime.GOOS != "windows"
}

// InCI reports whether a build server runs the program: some give it a terminal, and keep all that is written there.
// CI is what most of them set, and what decides if it is set; the others are Azure Pipelines, Jenkins and TeamCity.
func InCI() bool {
	if ci := os.Getenv("CI"); ci != "" {
		return ci != "false" && ci != "0"
	}
	return os.Getenv("TF_BUILD") != "" || os.Getenv("JENKINS_URL") != "" || os.Getenv("TEAMCITY_VERSION") != ""
}

// ColoursFor finds out whether w is a terminal that wants colours; see no-color.org.
func ColoursFor(w io.Writer) Colours {
	f := FileOf(w)
	if f == nil || os.Getenv("NO_COLOR") != "" || IsDumb() {
		return false
	}
	info, err := f.Stat()
	return Colours(err == nil && info.Mode()&os.ModeCharDevice != 0)
}

// Good marks what is as it should be.
func (c Colours) Good(text string) string { return c.Paint("32", text) }

// Bad marks what is not.
func (c Colours) Bad(text string) string { return c.Paint("31", text) }

// Faint marks what matters less.
func (c Colours) Faint(text string) string { return c.Paint("2", text) }

// Paint marks a text with a code of ECMA-48, such as 32 for green. The colour comes out of a writer that Readable returned; whatever
// else looks like one is made visible there.
func (c Colours) Paint(code, text string) string {
	if !c {
		return text
	}
	return own + "[" + code + "m" + text + own + "[0m"
}
