package sqlstate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/show"
)

// dialect is a kind of database.
type dialect struct {
	schemes  []string // what URLs begin with
	like     string   // such a URL
	marker   string   // of a bound value; with %d, each is the first one
	escapes  bool     // a backslash escapes in texts
	hash     bool     // # begins a comment
	dollars  bool     // $tag$ encloses a text, and E'…' has escapes
	brackets bool     // [ ] encloses a name
	readOnly bool     // it has transactions that can only read
	open     func(address string, o *Options) (*sql.DB, error)
	lasting  func(error) bool // asking again does not help
}

// What URLs look like.
const (
	likePostgres = "postgres://user:password@host:5432/database"
	likeMySQL    = "mysql://user:password@host:3306/database"
	likeSQLite   = "sqlite:FILE"
)

var dialects = [...]dialect{
	{schemes: []string{"postgres:", "postgresql:"}, like: likePostgres, marker: "$1", dollars: true, readOnly: true,
		open: openPostgres, lasting: lastsInPostgres},
	{schemes: []string{"mysql:", "mariadb:"}, like: likeMySQL, marker: "?", escapes: true, hash: true, readOnly: true,
		open: openMySQL, lasting: lastsInMySQL},
	{schemes: []string{"sqlite:", "sqlite3:"}, like: likeSQLite, marker: "?1", brackets: true,
		open: openSQLite, lasting: lastsInSQLite},
}

// dialectOf is that of a URL.
func dialectOf(address string) (*dialect, error) {
	scheme, _, _ := strings.Cut(address, ":")
	var known []string
	for i := range dialects {
		if slices.Contains(dialects[i].schemes, strings.ToLower(scheme)+":") && len(scheme) < len(address) {
			return &dialects[i], nil
		}
		known = append(known, dialects[i].like)
	}
	return nil, fmt.Errorf("the URL of the database begins with none of the known schemes; write one like %s", strings.Join(known, ", "))
}

// guarded dials unless the address is not allowed. Sockets of this machine always are.
func (o *Options) guarded(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: o.Timeout}
	if host, _, err := net.SplitHostPort(address); err == nil && network != "unix" {
		dialer.ControlContext = netguard.Allow(o.Allow).Control(host)
	}
	return dialer.DialContext(ctx, network, address)
}

func openPostgres(address string, o *Options) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil { // the error may repeat the URL
		return nil, errors.New("the URL cannot be read; write one like " + likePostgres + ", with special characters as %XX")
	}
	config.DialFunc = o.guarded
	config.ConnectTimeout = o.Timeout
	return stdlib.OpenDB(*config), nil
}

func lastsInPostgres(err error) bool {
	const undefinedTable = "42P01" // it may be created with the first notification
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code != undefinedTable && slices.Contains([]string{"22", "28", "3D", "42"}, e.Code[:2])
}

// openMySQL reads a URL of the form that other databases have. Its parameters are those of the driver;
// socket is the file of a socket.
func openMySQL(address string, o *Options) (*sql.DB, error) {
	unreadable := errors.New("the URL cannot be read; write one like " + likeMySQL + ", with special characters as %XX")
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" {
		return nil, unreadable
	}
	params := u.Query()
	socket := params.Get("socket")
	params.Del("socket")
	config, err := mysql.ParseDSN("/?" + params.Encode())
	if err != nil {
		return nil, fmt.Errorf("the parameters of the URL: %w", &short{err})
	}
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	config.Net, config.Addr = "tcp", net.JoinHostPort(u.Hostname(), "3306")
	switch {
	case socket != "":
		config.Net, config.Addr = "unix", socket
	case u.Hostname() == "" || config.DBName == "":
		return nil, unreadable
	case u.Port() != "":
		config.Addr = u.Host
	}
	config.DialFunc, config.Timeout = o.guarded, o.Timeout
	config.Logger = silent{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("the parameters of the URL: %w", &short{err})
	}
	return sql.OpenDB(connector), nil
}

// silent is where the driver's messages go: each comes as an error as well.
type silent struct{}

// Print does nothing.
func (silent) Print(...any) {}

func lastsInMySQL(err error) bool {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && slices.Contains([]uint16{1044, 1045, 1049, 1054, 1064, 1142, 1143, 1210, 1305}, e.Number)
}

// openSQLite opens a file that must be there. It cannot be opened for reading alone: where the last
// connection that wrote is closed, a reader has to create the files beside it.
func openSQLite(address string, _ *Options) (*sql.DB, error) {
	_, file, _ := strings.Cut(address, ":")
	file = strings.TrimPrefix(file, "//")
	switch info, err := os.Stat(file); {
	case file == "":
		return nil, errors.New("the URL names no file; write " + likeSQLite)
	case err != nil:
		return nil, fmt.Errorf("%w; %s", show.FileError(err), itsFile)
	case info.IsDir():
		return nil, errors.New(file + " is a folder, want a file")
	case !info.Mode().IsRegular(): // opening a pipe waits for whoever writes into it
		return nil, errors.New(file + " is a pipe or a device, want a file")
	}
	name := &url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(),
		RawQuery: "mode=rw&_pragma=busy_timeout(2000)&_pragma=query_only(1)"}
	return sql.Open("sqlite", name.String())
}

// itsFile asks what to look at where a file is none, or none of a database.
const itsFile = "is it the file that the consumer writes, and has the consumer made it?"

func lastsInSQLite(err error) bool {
	const logic, noDatabase = 1, 26
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == noDatabase || e.Code() == logic && !strings.Contains(err.Error(), "no such table"))
}
