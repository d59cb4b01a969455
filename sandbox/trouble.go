package sandbox

import (
	"log/slog"
	"strings"
)

// lines writes log records as lines for people, without the time and level.
type lines func(line string)

func (l lines) Write(p []byte) (int, error) {
	l(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// trouble is where the engine room says what goes wrong in itself; nil for nowhere.
func (o *Options) trouble() *slog.Logger {
	if o.Log == nil {
		return nil
	}
	return slog.New(slog.NewTextHandler(lines(o.Log), &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}}))
}
