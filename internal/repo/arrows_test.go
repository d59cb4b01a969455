package repo

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ringback/ringback/"

// drawn lists what each package may import beside the standard library. An arrow that is
// added here is a decision about the architecture.
var drawn = map[string][]string{
	"event":                    {"internal/show", "internal/jsontext"},
	"signature":                {"internal/show", "github.com/golang-jwt/jwt/v5", "github.com/google/uuid"},
	"internal/nearest":         {"event", "internal/show"},
	"internal/policy":          {"scenario/fault"},
	"internal/netguard":        {},
	"internal/redact":          {},
	"internal/echo":            {},
	"internal/show":            {},
	"internal/jsontext":        {"internal/show"},
	"internal/textfile":        {"internal/show"},
	"internal/golden":          {},
	"internal/sampling":        {},
	"internal/jsonpath":        {},
	"internal/memnet":          {},
	"internal/published":       {},
	"internal/lifecycle":       {"event"},
	"internal/seeded":          {"github.com/segmentio/ksuid"},
	"internal/source":          {"internal/show", "internal/nearest", "gopkg.in/yaml.v3"},
	"scenario/assume":          {"internal/nearest"},
	"scenario/fault":           {"internal/nearest"},
	"internal/gate":            {"internal/nearest"},
	"internal/story":           {"scenario/assume", "event", "scenario/fault", "internal/lifecycle", "internal/nearest", "internal/seeded", "internal/source", "internal/show"},
	"scenario":                 {"scenario/assume", "event", "scenario/fault", "internal/gate", "internal/jsonpath", "internal/jsontext", "internal/lifecycle", "internal/nearest", "internal/source", "internal/story", "internal/show"},
	"scenarios":                {"scenario", "internal/nearest"},
	"plan":                     {"internal/jsontext", "internal/policy", "scenario/assume", "event", "scenario/fault", "scenario", "internal/story", "internal/lifecycle", "internal/seeded", "github.com/HdrHistogram/hdrhistogram-go", "internal/nearest"},
	"emitter/internal/wire":    {"emitter/internal/pace", "internal/netguard", "internal/redact", "internal/show", "internal/textfile", "signature", "internal/nearest"},
	"emitter/internal/pace":    {"internal/policy", "golang.org/x/sys/unix"},
	"emitter":                  {"emitter/internal/pace", "emitter/internal/wire", "internal/show", "event", "scenario/fault", "internal/lifecycle", "internal/netguard", "plan", "signature", "github.com/HdrHistogram/hdrhistogram-go", "internal/policy", "internal/redact", "internal/jsontext", "internal/nearest"},
	"internal/report":          {"github.com/HdrHistogram/hdrhistogram-go", "emitter", "event", "internal/gate", "internal/jsontext", "internal/junit", "internal/show", "plan", "receiver", "scenario/fault", "internal/nearest", "internal/textfile"},
	"internal/capacity":        {"internal/gate", "internal/jsontext", "internal/report", "internal/show"},
	"internal/watch":           {"emitter", "internal/jsontext", "internal/lifecycle", "internal/netguard", "internal/report", "internal/show", "plan", "github.com/HdrHistogram/hdrhistogram-go", "github.com/prometheus/client_golang/prometheus", "github.com/prometheus/client_golang/prometheus/collectors", "github.com/prometheus/client_golang/prometheus/promhttp", "github.com/prometheus/client_model/go", "golang.org/x/sys/unix", "golang.org/x/term"},
	"internal/otlp":            {"internal/netguard", "internal/redact", "internal/show", "internal/textfile", "github.com/prometheus/client_model/go", "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1", "go.opentelemetry.io/proto/slim/otlp/common/v1", "go.opentelemetry.io/proto/slim/otlp/metrics/v1", "go.opentelemetry.io/proto/slim/otlp/resource/v1", "google.golang.org/protobuf/encoding/protowire", "google.golang.org/protobuf/proto"},
	"receiver":                 {"event", "signature"},
	"internal/mischief":        {"internal/nearest", "scenario", "internal/seeded", "internal/story"},
	"internal/recording":       {"event", "plan", "internal/jsontext", "internal/redact", "internal/seeded", "internal/show", "internal/textfile"},
	"internal/verify":          {"event", "internal/jsontext", "internal/recording", "receiver"},
	"internal/settings":        {"emitter", "internal/netguard", "internal/policy", "internal/show", "internal/source", "plan", "scenario", "scenario/assume", "scenario/fault", "scenarios", "signature", "internal/nearest", "internal/textfile"},
	"ringbacktest":             {"emitter", "event", "internal/examine", "internal/examine/ask", "internal/examine/profile", "internal/examine/render", "internal/examine/transport", "internal/examine/waive", "internal/report", "internal/settings", "internal/show", "plan", "receiver", "scenario", "signature"},
	"internal/rulebook":        {},
	"internal/evidence":        {"event", "internal/gate", "internal/rulebook", "internal/lifecycle", "internal/nearest", "internal/settings", "internal/show", "plan", "receiver", "scenario", "scenario/assume", "scenario/fault", "scenarios"},
	"internal/judge":           {"internal/jsontext", "plan", "internal/redact", "internal/report", "internal/show", "scenario"},
	"sandbox/internal/console": {},
	"sandbox/internal/store":   {"golang.org/x/sys/unix", "event", "internal/nearest", "signature", "modernc.org/sqlite"},
	"sandbox/internal/engine":  {"internal/settings", "internal/show", "scenario/assume", "emitter", "event", "scenario/fault", "internal/lifecycle", "internal/seeded", "plan", "sandbox/internal/store", "scenario", "scenarios", "signature", "internal/policy", "internal/nearest"},
	"sandbox/internal/figures": {"emitter", "event", "internal/gate", "internal/report", "internal/show", "plan", "sandbox/internal/store", "scenario/fault", "github.com/HdrHistogram/hdrhistogram-go"},
	"sandbox/internal/vccapi":  {"event", "internal/seeded", "sandbox/internal/store", "signature", "github.com/golang-jwt/jwt/v5", "golang.org/x/time/rate", "internal/netguard", "internal/show", "internal/jsontext", "internal/nearest"},
	"sandbox/internal/control": {"internal/evidence", "internal/jsontext", "internal/lifecycle", "internal/nearest", "internal/report", "internal/settings", "internal/show", "plan", "sandbox/internal/engine", "sandbox/internal/figures", "sandbox/internal/store", "sandbox/internal/vccapi", "scenario", "scenario/assume", "scenarios", "signature"},
	"sandbox":                  {"internal/show", "internal/textfile", "internal/netguard", "internal/policy", "sandbox/internal/console", "sandbox/internal/control", "sandbox/internal/engine", "sandbox/internal/store", "sandbox/internal/vccapi", "scenario/assume", "internal/nearest"},
	"cmd/ringback":             {"*"},
	"internal/repo":            {},

	"internal/examine":              {"emitter", "event", "internal/examine/ask", "internal/examine/dimension", "internal/examine/mistake", "internal/examine/shrink", "internal/examine/transport", "internal/examine/trial", "internal/nearest", "internal/rulebook", "internal/show"},
	"internal/examine/covering":     {"internal/seeded"},
	"internal/examine/dimension":    {"event", "internal/examine/covering", "internal/examine/trial", "internal/jsontext", "internal/rulebook", "internal/seeded", "internal/show", "plan", "scenario", "scenario/fault", "scenarios"},
	"internal/examine/mistake":      {"internal/examine/trial", "internal/rulebook"},
	"internal/examine/profile":      {"event", "internal/examine/dimension", "internal/examine/trial", "internal/nearest", "internal/source"},
	"internal/examine/render":       {"internal/examine", "internal/examine/dimension", "internal/examine/mistake", "internal/examine/trial", "internal/examine/waive", "internal/jsontext", "internal/junit", "internal/report", "internal/rulebook", "internal/show"},
	"internal/examine/shrink":       {},
	"internal/examine/stub":         {"internal/nearest"},
	"internal/examine/trial":        {"internal/jsontext", "internal/rulebook"},
	"internal/examine/waive":        {"internal/nearest", "internal/rulebook", "internal/source"},
	"internal/junit":                {"internal/show"},
	"internal/examine/transport":    {"emitter", "internal/examine/trial", "signature"},
	"internal/examine/ask":          {"emitter", "event", "internal/examine/trial", "internal/jsontext", "internal/lifecycle", "internal/nearest", "internal/redact", "internal/show"},
	"internal/examine/ask/sqlstate": {"internal/examine/ask", "internal/examine/trial", "internal/nearest", "internal/netguard", "internal/show", "github.com/go-sql-driver/mysql", "github.com/google/uuid", "github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgconn", "github.com/jackc/pgx/v5/stdlib", "modernc.org/sqlite"},
}

// alone names the packages that may import a library.
var alone = map[string][]string{
	"gopkg.in/yaml.v3":               {"internal/source"},
	"github.com/segmentio/ksuid":     {"internal/seeded"},
	"modernc.org/sqlite":             {"sandbox/internal/store", "internal/examine/ask/sqlstate"},
	"github.com/jackc/pgx/v5":        {"internal/examine/ask/sqlstate"},
	"github.com/go-sql-driver/mysql": {"internal/examine/ask/sqlstate"},
	"go.opentelemetry.io/proto":      {"internal/otlp"},
}

// file is one Go file of a package, without tests.
type file struct {
	pkg, path string
	*ast.File
}

// readModule parses all Go files of the module, for every platform.
func readModule(t *testing.T) (all []file, places *token.FileSet) {
	t.Helper()
	places = token.NewFileSet()

	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root:
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil || name == "testdata" || strings.HasPrefix(name, ".") {
				return filepath.SkipDir // another module, or no code
			}
		case !d.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			parsed, err := parser.ParseFile(places, path, nil, parser.SkipObjectResolution|parser.ParseComments)
			if err != nil {
				return err
			}
			pkg, err := filepath.Rel(root, filepath.Dir(path))
			all = append(all, file{filepath.ToSlash(pkg), path, parsed})
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d files found", len(all))
	}
	return all, places
}

func (f *file) imports() []string {
	var all []string
	for _, i := range f.Imports {
		all = append(all, strings.Trim(i.Path.Value, `"`))
	}
	return all
}

// standard reports whether an import path is the standard library's: it has no dot before
// its first slash.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func TestNoArrowIsAddedThatIsNotDrawn(t *testing.T) {
	files, _ := readModule(t)
	for _, f := range files {
		allowed, known := drawn[f.pkg]
		if !known {
			t.Errorf("%s: the package %s is not drawn; add it with the arrows it may have", f.path, f.pkg)
			continue
		}
		for _, path := range f.imports() {
			short := strings.TrimPrefix(path, module)
			switch owners := alone[path]; {
			case owners != nil && !slices.Contains(owners, f.pkg):
				t.Errorf("%s imports %s, which is for %s alone", f.path, path, strings.Join(owners, " and "))
			case standard(path), slices.Contains(allowed, short), slices.Contains(allowed, "*"):
			default:
				t.Errorf("%s: there is no arrow from %s to %s", f.path, f.pkg, short)
			}
		}
	}
}

// pure lists the packages that are functions of their arguments: no clock, no shared
// random source, no socket, no goroutine.
var pure = []string{"event", "scenario/assume", "scenario/fault", "internal/story", "scenario", "plan", "internal/lifecycle", "internal/seeded", "internal/source", "internal/nearest", "internal/recording"}

// impure lists what they must not import or call; a name without a dot is a package.
var impure = []string{"math/rand", "math/rand/v2", "crypto/rand", "os", "net", "net/http", "log", "log/slog", "unsafe", "sync", "context",
	"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.AfterFunc", "time.Tick", "time.NewTimer", "time.NewTicker",
	"ksuid.New", "ksuid.NewRandom", "ksuid.NewRandomWithTime", "ksuid.SetRand",
	"uuid.New", "uuid.NewString", "uuid.NewRandom", "uuid.NewUUID", "uuid.NewV6", "uuid.NewV7", "uuid.SetRand"}

func TestTheCoreIsAFunctionOfItsArguments(t *testing.T) {
	files, places := readModule(t)
	for _, f := range files {
		if !slices.Contains(pure, f.pkg) {
			continue
		}
		for _, path := range f.imports() {
			if slices.Contains(impure, path) {
				t.Errorf("%s imports %s", f.path, path)
			}
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s starts a goroutine", places.Position(n.Pos()))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && slices.Contains(impure, x.Name+"."+n.Sel.Name) {
					t.Errorf("%s calls %s.%s", places.Position(n.Pos()), x.Name, n.Sel.Name)
				}
			}
			return true
		})
	}
}

func TestNothingHappensBeforeMain(t *testing.T) {
	files, places := readModule(t)
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", places.Position(fn.Pos()))
			}
		}
	}
}

// What is drawn must exist, so that the picture stays true.
func TestNoArrowIsDrawnThatDoesNotExist(t *testing.T) {
	files, _ := readModule(t)
	used := map[string]bool{}
	for _, f := range files {
		used[f.pkg] = true
		for _, path := range f.imports() {
			used[f.pkg+" "+strings.TrimPrefix(path, module)] = true
		}
	}
	for pkg, arrows := range drawn {
		if !used[pkg] {
			t.Errorf("there is no package %s", pkg)
		}
		for _, to := range arrows {
			if to != "*" && !used[pkg+" "+to] {
				t.Errorf("%s does not import %s", pkg, to)
			}
		}
	}
}
