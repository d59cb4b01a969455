package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ringback/ringback/internal/golden"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ringback": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *golden.Update,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"matches": matches, "port": port, "listening": listening},
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"GOCOVERDIR", "NO_COLOR"} {
				env.Setenv(name, os.Getenv(name))
			}
			return nil
		},
	})
}
