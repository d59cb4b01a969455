package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// apartFolder makes a folder in which files have several names, and goes there.
func apartFolder(t *testing.T) {
	t.Helper()
	_, bodies, _ := call(t, "", "plan", "inbound-call", "--seed", "7", "--start", "2025-03-03T09:00:00Z", "--format", "ndjson")
	t.Chdir(folderWith(t, map[string]string{"got.ndjson": bodies, "story.yaml": goodStory, "old.md": "old\n",
		"targets.yaml": "targets:\n  - name: a\n    url: http://127.0.0.1:9/\n", "sub/old.md": "", "ids.txt": "0195d3a4-0000-0000-0000-000000000001\n"}))
	for link, to := range map[string]string{"later.md": "missing.md", "again.md": "later.md", "sub2": "sub", "sub/up.md": "../missing.md", "link.md": "old.md"} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Link("old.md", "hard.md"); err != nil {
		t.Skip(err)
	}
}

// What one command writes into one file twice, or into one that it reads, would be lost.
func TestNoFileIsWrittenTwice(t *testing.T) {
	apartFolder(t)
	same := func(a, b string) string { return a + " and " + b + " write the same file" }
	const run, replay = "run inbound-call --speed max ", "replay got.ndjson --speed max "
	for _, c := range []struct{ args, want string }{
		{run + "--log x.log --report md:x.log", same("--log x.log", "--report md:x.log")},
		{run + "--log y.json --report y.json", same("--log y.json", "--report y.json")},
		{run + "--log x.md --report md:>>x.md", same("--log x.md", "--report md:>>x.md")},
		{run + "--log sub/../x.md --report ./x.md", same("--log sub/../x.md", "--report ./x.md")},
		{run + "--log {shard}.md --report 1.md --shard 1/2", same("--log 1.md", "--report 1.md")},
		{replay + "--log x.log --report json:x.log", same("--log x.log", "--report json:x.log")},
		{run + "--report x.json --report xml:x.json", same("--report x.json", "--report xml:x.json")},
		{run + "--report missing.md --report later.md", same("--report missing.md", "--report later.md")},
		{run + "--report again.md --report sub/up.md", same("--report again.md", "--report sub/up.md")},
		{run + "--report again.md --report sub2/up.md", same("--report again.md", "--report sub2/up.md")},
		{run + "--report sub/new.md --report sub2/new.md", same("--report sub/new.md", "--report sub2/new.md")},
		{run + "--report sub/old.md --report sub2/old.md", same("--report sub/old.md", "--report sub2/old.md")},
		{run + "--report old.md --report hard.md", same("--report old.md", "--report hard.md")},
		{run + "--report link.md --report hard.md", same("--report link.md", "--report hard.md")},
		{run + "--report md:>>x.md --report x.md", same("--report md:>>x.md", "--report x.md")},
		{run + "--report x.html --report md:>>x.html", same("--report x.html", "--report md:>>x.html")},
		{"examine --to http://127.0.0.1:9/ --report old.md --report sarif:hard.md", same("--report old.md", "--report sarif:hard.md")},
		{"report r.json --html=x --md=./x", same("--html=x", "--md=./x")},
		{replay + "--log got.ndjson", "--log got.ndjson would write into got.ndjson, which is read; name another file"},
		{"run story.yaml --speed max --report md:./story.yaml", "--report md:./story.yaml would write into story.yaml, which is read"},
		{run + "--targets targets.yaml --log targets.yaml", "--log targets.yaml would write into --targets targets.yaml, which is read"},
		{run + "--conversation-ids ids.txt --report md:ids.txt", "--report md:ids.txt would write into --conversation-ids ids.txt"},
		{run + "--secret @ids.txt --log ids.txt", "--log ids.txt would write into --secret @ids.txt"},
		{"receive --secret @ids.txt --log ids.txt", "--log ids.txt would write into --secret @ids.txt"},
		{"report got.ndjson --json=got.ndjson", "--json=got.ndjson would write into got.ndjson, which is read"},
	} {
		before := tree(t)
		if status, _, errs := call(t, "", strings.Fields(c.args)...); status != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%s: status %d, want %d and %q:\n%s", c.args, status, exitUsage, c.want, errs)
		}
		if after := tree(t); after != before {
			t.Errorf("%s changed files:\n%swas\n%s", c.args, after, before)
		}
	}
}

// tree is what is in the folder.
func tree(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			var text []byte
			text, err = os.ReadFile(path)
			all.WriteString(path + ": " + string(text) + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestMarkdownMayFollowMarkdown(t *testing.T) {
	apartFolder(t)
	for args, titles := range map[string]int{
		"--report md:>>a.md --report md:>>./a.md": 2, "--report b.md --report md:>>b.md": 2, "--report md:/dev/null --report json:/dev/null": 0,
		"--report c.md --report c.html --log c.log": 1,
	} {
		status, _, errs := call(t, "", strings.Fields("run inbound-call --seed 7 --speed max --output quiet "+args)...)
		if status != exitOK {
			t.Errorf("%s: status %d\n%s", args, status, errs)
		}
		got := 0
		for _, name := range []string{"a.md", "b.md", "c.md"} {
			text, _ := os.ReadFile(name)
			got += strings.Count("\n"+string(text), "\n# ") + strings.Count("\n"+string(text), "\n## ringback")
			_ = os.Remove(name)
		}
		if got != titles {
			t.Errorf("%s: %d reports, want %d", args, got, titles)
		}
	}
}

// A shell takes ">" away, and other programs take "-" for standard output: a file of such a name is a mistake.
func TestNamesThatNobodyMeans(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, want := range map[string]string{
		"run inbound-call --speed max --report md:-":          `--report: "-" names no file; write /dev/stdout for standard output, or ./- for a file of this name`,
		"run inbound-call --speed max --report >>acc.md":      `--report: ">>acc.md" begins with ">"; write "acc.md", or "./>>acc.md" for a file of this name, or "md:>>acc.md" to append`,
		"run inbound-call --speed max --report md:>acc":       `--report: ">acc" begins with ">"; write "acc", or "./>acc" for a file of this name`,
		"run inbound-call --speed max --report md:>>>acc":     `--report: ">acc" begins with ">"`,
		"run inbound-call --speed max --report >acc.json":     `--report: ">acc.json" begins with ">"; write "acc.json"`,
		"run inbound-call --speed max --log -":                `--log: "-" names no file`,
		"run inbound-call --speed max --log >>run.log":        `--log: ">>run.log" begins with ">"; write "run.log"`,
		"receive --log - --for 1ms":                           `--log: "-" names no file`,
		"receive --log >got.ndjson --for 1ms":                 `--log: ">got.ndjson" begins with ">"; write "got.ndjson"`,
		"report r.json --md=>>acc.md":                         `--md: ">>acc.md" begins with ">"`,
		"examine --to http://127.0.0.1:9/ --report sarif:-":   `--report: "-" names no file`,
		"examine --to http://127.0.0.1:9/ --report >>sum.md":  `or "md:>>sum.md" to append`,
		"replay x.ndjson --speed max --report json:>acc.json": `--report: ">acc.json" begins with ">"`,
	} {
		if status, _, errs := call(t, "", strings.Fields(args)...); status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: status %d, want %d and %q:\n%s", args, status, exitUsage, want, errs)
		}
	}
	if left := tree(t); left != "" {
		t.Errorf("files were made: %s", left)
	}
	if status, _, errs := call(t, "", "run", "inbound-call", "--speed", "max", "--report", "md:./-", "--log", "./>x"); status != exitOK || !strings.Contains(tree(t), ">x: {") {
		t.Errorf("status %d, %s", status, errs)
	}
}
