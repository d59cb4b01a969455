package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ringback/ringback/internal/golden"
)

func TestMain(m *testing.M) {
	os.Unsetenv("GITHUB_ACTIONS")                          // the tests say themselves where they are
	if err := flag.Set("test.parallel", "8"); err != nil { // most of them wait most of the time
		panic(err)
	}
	testscript.Main(m, map[string]func(){"ringback": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *golden.Update,
		RequireExplicitExec: true,
		Cmds:                scriptCommands,
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"GOCOVERDIR", "NO_COLOR"} {
				env.Setenv(name, os.Getenv(name))
			}
			return nil
		},
	})
}

// scriptCommands are the commands of scripts beside those of testscript.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"matches": matches, "port": port, "listening": listening, "intime": intime}

// intime executes a command that must succeed, and once more where its run is invalid because this
// machine was too busy to keep the schedule.
func intime(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: intime command [args...]")
	}
	var err error
	for range 5 {
		var exit *exec.ExitError
		if err = ts.Exec(args[0], args[1:]...); !errors.As(err, &exit) || exit.ExitCode() != exitInvalid {
			break
		}
	}
	ts.Check(err)
}
