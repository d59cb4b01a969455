package rows

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// reading lists mistakes with the request, the bytes and their form.
func reading() []Row {
	return []Row{
		{"reads-with-regexp", "reads the body with regular expressions that know no blanks and no escapes",
			rulebook.ReadAnyJSON, parsing(func(n *note, _ object) { byRegexp(n) })},
		{"wants-brace-first", "answers 400 unless the first byte of the body is a brace",
			rulebook.ReadAnyJSON, func(s *steps) {
				s.store = refusing(http.StatusBadRequest, func(n note) bool { return n.body[0] != '{' })
			}},
		{"ascii-only", "answers 400 to bodies with other characters than those of ASCII",
			rulebook.ReadAnyJSON, func(s *steps) {
				s.store = refusing(http.StatusBadRequest, func(n note) bool {
					return strings.ContainsFunc(string(n.body), func(r rune) bool { return r > 127 })
				})
			}},
		{"cuts-at-8k", "reads 8 KiB of a body, whose hash does not fit then",
			rulebook.ReadLargeBodies, func(s *steps) {
				s.read = func(r *http.Request) ([]byte, error) { return io.ReadAll(io.LimitReader(r.Body, 8<<10)) }
			}},
		{"refuses-100k", "answers 413 to bodies of more than 100 kB, as is usual in Express",
			rulebook.ReadLargeBodies, func(s *steps) {
				s.read = func(r *http.Request) ([]byte, error) {
					return io.ReadAll(http.MaxBytesReader(nil, r.Body, 100<<10))
				}
			}},
		{"trusts-content-length", "reads as many bytes as Content-Length says, which is not there in a chunked request",
			rulebook.ReadWholeBody, func(s *steps) {
				s.read = func(r *http.Request) ([]byte, error) {
					if r.ContentLength < 0 || r.ContentLength > limit {
						return nil, errTooLarge
					}
					body := make([]byte, r.ContentLength)
					_, err := io.ReadFull(r.Body, body)
					return body, err
				}
			}},
		{"reads-once", "takes what the first Read returns for the whole body",
			rulebook.ReadWholeBody, func(s *steps) {
				s.read = func(r *http.Request) ([]byte, error) {
					body := make([]byte, limit)
					n, err := r.Body.Read(body)
					if errors.Is(err, io.EOF) {
						err = nil
					}
					return body[:n], err
				}
			}},
		{"patience-of-150ms", "gives up on a body that takes longer than 150 ms, and answers 413",
			rulebook.ReadWholeBody, func(s *steps) { s.read = hurried }},
		{"compares-content-type", "answers 415 unless the Content-Type is the documented one to the letter",
			rulebook.IgnoreMediaParameters, func(s *steps) {
				s.media = func(text string) bool { return text == "application/cloudevents+json" }
			}},
		{"one-spelling-of-header", "looks for the header in a map that tells upper case from lower case",
			rulebook.HeaderNamesInAnyCase, func(s *steps) {
				s.token = func(r *http.Request) (string, bool) {
					token, there := oneToken(r)
					return token, there && spelled(r, "Vonage-Signature")
				}
			}},
		{"fixed-layout", "reads timestamps with exactly three fractional digits",
			rulebook.TimestampsOfAnyLength, func(s *steps) {
				s.ticks = func(stamp string) (int64, error) {
					at, err := time.Parse("2006-01-02T15:04:05.000Z", stamp)
					return at.UnixNano() / 100, err
				}
				s.unusable = http.StatusUnprocessableEntity
			}},
		{"slices-timestamps", "cuts timestamps into pieces at fixed places, and answers 500 where one is too short",
			rulebook.TimestampsOfAnyLength, func(s *steps) {
				s.ticks = func(stamp string) (int64, error) {
					if len(stamp) < len("2006-01-02T15:04:05") {
						return 0, errUnusable
					}
					return ticks(stamp[:19] + "." + stamp[20:23] + strings.TrimLeft(stamp[23:], "Z") + "Z")
				}
			}},
		{"demands-version-4", "answers 400 to GUIDs that are not of version 4",
			rulebook.GUIDsOfAnyForm, func(s *steps) {
				s.store = refusing(http.StatusBadRequest, func(n note) bool {
					return n.channel != "" && !(version4.MatchString(n.channel) && version4.MatchString(n.conversation) && version4.MatchString(n.interaction))
				})
			}},
		{"one-table-of-guids", "has one table for the GUIDs of all things, and ignores a channel whose GUID is that of the interaction",
			rulebook.GUIDsOfAnyForm, func(s *steps) {
				s.schema += "CREATE TABLE IF NOT EXISTS things (guid TEXT PRIMARY KEY, what TEXT);"
				s.write = append([]string{
					"INSERT INTO things VALUES (:interaction, 'interaction') ON CONFLICT DO NOTHING",
					"INSERT INTO things VALUES (:channel, 'channel') ON CONFLICT DO NOTHING",
				}, s.write...)
				s.store = atomically(func(ctx context.Context, p *process, on runner, n note) error {
					if n.channel != "" && n.channel == n.interaction {
						_, err := on.ExecContext(ctx, p.write[0], n.args(time.Now())...)
						return err // and no channel was inserted, to which the rest belongs
					}
					return p.apply(ctx, on, n)
				})
			}},
	}
}

var version4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// refusing answers a status to some notifications, and stores nothing of them.
func refusing(status int, those func(note) bool) func(context.Context, *process, note) int {
	return func(ctx context.Context, p *process, n note) int {
		if those(n) {
			return status
		}
		return storeWhole(ctx, p, n)
	}
}

// hurried reads a body that comes quickly.
func hurried(r *http.Request) ([]byte, error) {
	type result struct {
		body []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		body, err := readAll(r)
		read <- result{body, err}
	}()
	select {
	case all := <-read:
		return all.body, all.err
	case <-time.After(150 * time.Millisecond):
		return nil, context.DeadlineExceeded
	}
}

// byRegexp reads the members that matter as they stand in a compact body.
func byRegexp(n *note) {
	find := func(name string) string {
		found := regexp.MustCompile(`"` + name + `":"([^"]*)"`).FindSubmatch(n.body)
		if found == nil {
			return ""
		}
		return string(found[1])
	}
	if n.channel == "" {
		return
	}
	n.channel, n.conversation, n.interaction, n.role = find("channelId"), find("conversationId"), find("interactionId"), find("role")
	n.agent = nil
	if id := find("agentId"); id != "" {
		n.agent = id
	}
}

// has reports whether a query finds a row.
func has(ctx context.Context, on runner, query string, args ...any) (bool, error) {
	var one int
	err := on.QueryRowContext(ctx, query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
