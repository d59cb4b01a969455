package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/sampling"
)

// rangesOf are values that cannot be meant, and what is said of each, by the flags of the commands that have figures.
// A flag that several commands share is tried with the first of them.
var rangesOf = map[string][]struct{ values, want string }{
	"run chat --dry-run --count": {{"0 -1 1.5 1e3 NaN 18446744073709551615 99999999999999999999 10000000001", "want a whole number from 1 to 10000000000"},
		{"2000001", "2000001 conversations at once; want at most 2000000"}},
	"run chat --dry-run --population":                               {{"0 -1 1.5 x 99999999999999999999 2000001", "want a whole number from 1 to 2000000"}},
	"run chat --dry-run --connections":                              {{"0 -1 10001 1000000000", "want 1 to 10000"}, {"1.5 x", "want a whole number"}},
	"run chat --dry-run --waiting":                                  {{"0 -1 1000001", "want 1 to 1000000"}},
	"run chat --dry-run --timeout":                                  {{"0s -1s 1ns 2h 9999999h", "want 1ms to 1h"}, {"10 x", "want a time"}},
	"run chat --dry-run --retry-for":                                {{"1000000h 721h 9999999h -1s -1ns -99999h -9999999h", "want 0 to 720h"}},
	"run chat --dry-run --patience":                                 {{"1000000h 9999999h", "want 0 to 720h, or less than 0 for ever"}},
	"run chat --dry-run --speed":                                    {{"0 -1 NaN x -Inf 1e300 1e-300 0.0009 1000000001 0x1p3 1_000 inf", "want 0.001 to 1000000000"}},
	"run chat --dry-run --agents":                                   {{"0 -1 1.5 100001", "want a whole number from 1 to 100000"}},
	"run chat --dry-run --agent-patience":                           {{"721h 1s..721h 9999999h 1s..9999999h", "want at most 720h"}, {"-1s x", "want a time"}},
	"run chat --dry-run --seed":                                     {{"-1 1.5 99999999999999999999", "want a whole number from 0"}},
	"run chat --dry-run --start":                                    {{"0001-01-02T00:00:00Z 9999-01-01T00:00:00Z", "outside of what notification IDs can hold"}, {"0 now 0001-01-01T00:00:00Z", "want a time"}},
	"run chat --dry-run --lag":                                      {{"721h 9999999h", "want at most 720h"}, {"-1s", "want a time"}},
	"run chat --dry-run --shard":                                    {{"1/1 0/0 -1/2 0/4294967296 0/99999999999999999999 2", "shard"}},
	"run chat --dry-run --calls":                                    {{"0/s -1/s 1e9/s NaN/s", "want a rate"}, {"0.0000000001/s", "more than 6 decimals"}, {"1000001/s 999999999999/s 99999999999/m", "want at most 1000000/s"}},
	"run chat --dry-run --events":                                   {{"0/s -1/s 1e9/s NaN/s", "want a rate"}, {"1000001/s", "want at most 1000000/s"}},
	"run chat --dry-run --calls 1/s --for":                          {{"x 10", "want a time"}, {"-1s 0s 1ns 1000000h 721h 9999999h", "want 1ms to 720h"}},
	"run chat --dry-run --at":                                       {{"9999-01-01T00:00:00Z", "outside of what notification IDs can hold"}, {"+721h +9999999h", "want 1ms to 720h"}, {"+0s 1999-01-01T00:00:00Z", "--at"}},
	"replay x --to http://127.0.0.1:9/ --from":                      {{"0 yesterday", "want a time"}},
	"replay x --to http://127.0.0.1:9/ --until":                     {{"0 yesterday", "want a time"}},
	"serve --keep-for":                                              {{"x 10", "want a time"}, {"-1s 0s 1ns 721h 9999999h", "want 1ms to 720h"}},
	"serve --keep-most":                                             {{"0 1 1023KiB 2000000GiB 1e300 NaN -5GB", "want a size from 1 MiB to 1 PiB"}, {"2PiB 2PB 2000TB 1kB 5XB 1TBB", "such as 500MB or 1GiB, got"}},
	"serve --data memory --propagation":                             {{"-1s 2h 9999999h -9999999h", "want 0 s to 1h"}},
	"serve --data memory --timeout":                                 {{"0s 1ns 999us 2h -1s 9999999h", "want 1ms to 1h"}},
	"serve --data memory --connections":                             {{"0 10001 -1", "want 1 to 10000"}},
	"serve --data memory --speed":                                   {{"0 -1 NaN 1e300 1e-300 max", "want 0.001 to 1000000000"}},
	"examine --to http://127.0.0.1:9/ --check bytes/plain --repeat": {{"0 201 -1", "want a whole number from 1 to 200"}},
	"examine --to http://127.0.0.1:9/ --budget":                     {{"x 10", "want a time"}, {"-1s 0s 1ns 721h 9999999h", "want 1ms to 720h"}},
	"examine --to http://127.0.0.1:9/ --timeout":                    {{"-1s 0s 1ns 2h 721h", "want 1ms to"}, {"x", "want a time"}},
	"examine --to http://127.0.0.1:9/ --late":                       {{"x 10", "want a time"}, {"-1s 0s 1ns 721h 9999999h", "want 1ms to 720h"}},
	"examine --to http://127.0.0.1:9/ --settle":                     {{"x 10", "want a time"}, {"-1s 0s 1ns 721h 9999999h", "want 1ms to 720h"}},
	"examine --to http://127.0.0.1:9/ --within":                     {{"x 10", "want a time"}, {"-1s 0s 1ns 721h 9999999h", "want 1ms to 720h"}},
	"capacity chat --to http://127.0.0.1:9/ --first":                {{"0/s -1/s 1e9/s 1000001/s", "want a rate such as"}, {"1/h", "want 0.1/s to 1000000/s"}},
	"capacity chat --to http://127.0.0.1:9/ --most":                 {{"0/s -1/s 1e9/s 1000001/s", "want a rate such as"}, {"1/h", "want 0.1/s to 1000000/s"}},
	"capacity chat --to http://127.0.0.1:9/ --least":                {{"0/s -1/s 1e9/s 1000001/s", "want a rate such as"}, {"1/h", "want 0.1/s to 1000000/s"}},
	"capacity chat --to http://127.0.0.1:9/ --precision":            {{"0% 0.9% 51% -1% NaN% 5 x%", "want a percentage from 1% to 50%"}},
	"capacity chat --to http://127.0.0.1:9/ --for":                  {{"x 10", "want a time"}, {"-1s 0s 1ns", "want 1ms to 720h"}, {"9s 25h", "want 10s to 24h"}},
	"capacity chat --to http://127.0.0.1:9/ --connections":          {{"0 -1 1000001", "want"}},
	"receive --expect":                                              {{"0 -1 10000000001 99999999999999999999", "want a whole number from 1 to 10000000000"}},
	"receive --latency":                                             {{"721h 9999999h", "at most 720h"}, {"-1s", "want"}},
	"receive --hang":                                                {{"0% 101% -1% NaN% 1e300% 5", "want a percentage above 0%, up to 100%"}},
	"receive --reset":                                               {{"0% 101%", "want a percentage above 0%, up to 100%"}},
	"receive --hang 60% --reset":                                    {{"60% 100% 40.1%", "together they are at most 100%"}},
	"receive --down":                                                {{"1s", "want a time span"}, {"1s..721h 1s..9999999h", "want at most 720h"}},
	"receive --answer":                                              {{"503x 99 600 -1", "want a status from 200 to 599"}, {strings.Repeat("200x1,", 1001) + "200", "column"}},
	"wait --to http://127.0.0.1:9/ --for":                           {{"x 10", "want a time"}, {"-1s 0s 1ns 721h 9999999h", "want 1ms to 720h"}},
}

// A number that cannot be meant is refused, with the range and the flag, before anything is planned or sent.
func TestNumbersOutOfRangeAreRefused(t *testing.T) {
	for line, ranges := range rangesOf {
		words := strings.Fields(line)
		flag := words[len(words)-1]
		for _, r := range ranges {
			for value := range strings.FieldsSeq(r.values) {
				args := append(words[:len(words)-1:len(words)-1], flag+"="+value)
				status, out, errs := call(t, "", args...)
				if status != exitUsage || out != "" || !strings.Contains(errs, r.want) {
					t.Errorf("%s: status %d, want %d and %q:\n%s%.300s", strings.Join(args, " "), status, exitUsage, r.want, out, errs)
				}
			}
		}
	}
}

// Each flag that takes a figure has a row above. figures are how the help calls what is one.
func TestEveryFigureHasARange(t *testing.T) {
	figures := map[string]bool{"N": true, "D": true, "SPAN": true, "RATE": true, "SIZE": true, "P%": true, "TIME": true, "N|max": true, "K/N": true, "FROM..TO": true, "MOMENT": true, "ANSWERS": true, "N|@FILE": true}
	tried := map[string]bool{}
	for line := range rangesOf {
		tried[line[strings.LastIndex(line, "--")+2:]] = true
	}
	seen := 0
	for _, cmd := range allCommands(newRoot(&program{})) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			name, _ := pflag.UnquoteUsage(f)
			switch f.Value.Type() {
			case "int", "uint64", "int64", "float64", "duration":
				figures[name] = true
			}
			if !figures[name] {
				return
			}
			if seen++; !tried[f.Name] {
				t.Errorf("%s --%s takes %s, and no row says what is too much", cmd.Name(), f.Name, name)
			}
		})
	}
	if seen < 40 {
		t.Errorf("only %d flags take figures", seen)
	}
}

func allCommands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, below := range c.Commands() {
		all = append(all, allCommands(below)...)
	}
	return all
}

// A flag that may be repeated has a bound as well.
func TestListsOfFlagsAreBounded(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	many := func(flag, value string, n int) []string {
		return append([]string{"run", "chat", "--dry-run"}, strings.Fields(strings.Repeat(flag+"="+value+" ", n))...)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{many("--fault", "duplicate_1%", 101), "--fault: want at most 100, got 101"},
		{many("--assume", "id-form=any", 101), "--assume: want at most 100, got 101"},
		{many("--to", "http://127.0.0.1:9/", 1001), "--to: want at most 1000 values"},
		{many("--header", "A:b", 101), "--header: want at most 100, got 101"},
		{many("--gate", "accepted>=1", 1001), "--gate: want at most 1000 values"},
		{many("--types", "*", 1001), "--types: want at most 1000 values"},
		{many("--set", "a=b", 1001), "--set: want at most 1000 values"},
	} {
		for i, word := range c.args {
			c.args[i] = strings.ReplaceAll(word, "duplicate_", "duplicate ")
		}
		status, out, errs := call(t, "", c.args...)
		if status != exitUsage || out != "" || strings.Count(errs, c.want) != 1 {
			t.Errorf("%s …: status %d, want %d and once %q:\n%s%.300s", c.args[3], status, exitUsage, c.want, out, errs)
		}
	}
}

// What is suggested is of the size that was written, and one that is taken.
func TestSizesThatAreMeant(t *testing.T) {
	for text, want := range map[string]string{
		"1tb": `got "1tb" (did you mean "1TB"?)`, "1tib": `(did you mean "1TiB"?)`, "500mb": `(did you mean "500MB"?)`, "2000KB": `(did you mean "2000kB"?)`, "3G": `(did you mean "3GB"?)`, "3Gi": `(did you mean "3GiB"?)`,
		"1KB": `got "1KB"`, "1000000tib": `got "1000000tib"`, "1XB": `got "1XB"`, "5M B": `got "5M B"`, "2pib": `got "2pib"`,
	} {
		if _, err := parseSize(text); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v; want %s", text, err, want)
		}
	}
}
