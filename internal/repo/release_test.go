package repo

import (
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// release is what the configuration uses of GoReleaser's version 2.
type release struct {
	Version     int    `yaml:"version"`
	ProjectName string `yaml:"project_name"`
	Builds      []struct {
		ID           string   `yaml:"id"`
		Main         string   `yaml:"main"`
		Binary       string   `yaml:"binary"`
		Env          []string `yaml:"env"`
		Flags        []string `yaml:"flags"`
		Ldflags      []string `yaml:"ldflags"`
		ModTimestamp string   `yaml:"mod_timestamp"`
		Goos         []string `yaml:"goos"`
		Goarch       []string `yaml:"goarch"`
	} `yaml:"builds"`
	Archives []struct {
		ID              string   `yaml:"id"`
		Formats         []string `yaml:"formats"`
		NameTemplate    string   `yaml:"name_template"`
		FormatOverrides []struct {
			Goos    string   `yaml:"goos"`
			Formats []string `yaml:"formats"`
		} `yaml:"format_overrides"`
		Files []string `yaml:"files"`
	} `yaml:"archives"`
	Checksum struct {
		NameTemplate string `yaml:"name_template"`
		Algorithm    string `yaml:"algorithm"`
	} `yaml:"checksum"`
	SBOMs []struct {
		Artifacts string `yaml:"artifacts"`
	} `yaml:"sboms"`
	Signs []struct {
		Artifacts string   `yaml:"artifacts"`
		Cmd       string   `yaml:"cmd"`
		Signature string   `yaml:"signature"`
		Args      []string `yaml:"args"`
	} `yaml:"signs"`
	Snapshot struct {
		VersionTemplate string `yaml:"version_template"`
	} `yaml:"snapshot"`
	Changelog struct {
		Disable bool `yaml:"disable"`
	} `yaml:"changelog"`
	Release struct {
		GitHub     map[string]string `yaml:"github"`
		Draft      bool              `yaml:"draft"`
		Prerelease string            `yaml:"prerelease"`
	} `yaml:"release"`
}

func TestReleasesAreForSixPlatformsWithChecksumsAndAVersion(t *testing.T) {
	var r release
	decode(t, ".goreleaser.yaml", &r)
	if r.Version != 2 || len(r.Builds) != 1 || len(r.Archives) != 1 {
		t.Fatalf("version %d, %d builds, %d archives; want 2, 1, 1", r.Version, len(r.Builds), len(r.Archives))
	}
	b := r.Builds[0]
	exists(t, ".goreleaser.yaml", b.Main)
	if !slices.Equal(b.Goos, []string{"linux", "darwin", "windows"}) || !slices.Equal(b.Goarch, []string{"amd64", "arm64"}) {
		t.Errorf("platforms %v × %v", b.Goos, b.Goarch)
	}
	if !slices.Contains(b.Env, "CGO_ENABLED=0") || !slices.Contains(b.Flags, "-trimpath") {
		t.Errorf("built with %v %v, want CGO_ENABLED=0 and -trimpath", b.Env, b.Flags)
	}
	flags := strings.Join(b.Ldflags, " ")
	if !strings.Contains(flags, "-X main.release=v{{ .Version }}") || !strings.Contains(string(read(t, "cmd/ringback/info.go")), "var release string") {
		t.Errorf("linked with %q, which must set the variable release of package main", flags)
	}
	for _, file := range r.Archives[0].Files {
		exists(t, ".goreleaser.yaml", file)
	}
	if r.Checksum.NameTemplate == "" || r.Checksum.Algorithm != "sha256" {
		t.Errorf("checksums %+v, want a file of sha256", r.Checksum)
	}
	if len(r.SBOMs) != 1 || r.SBOMs[0].Artifacts != "archive" {
		t.Errorf("SBOMs %+v, want one for each archive", r.SBOMs)
	}
	if len(r.Signs) != 1 || r.Signs[0].Artifacts != "checksum" || slices.ContainsFunc(r.Signs[0].Args, func(arg string) bool { return strings.Contains(arg, "key") }) {
		t.Errorf("signatures %+v, want one of the checksums, without a key", r.Signs)
	}
}

// workflow is what ours use of GitHub's language.
type workflow struct {
	Name        string            `yaml:"name"`
	On          map[string]any    `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		Uses        string            `yaml:"uses"`
		If          string            `yaml:"if"`
		Needs       string            `yaml:"needs"`
		RunsOn      string            `yaml:"runs-on"`
		Timeout     int               `yaml:"timeout-minutes"`
		Strategy    any               `yaml:"strategy"`
		Permissions map[string]string `yaml:"permissions"`
		Env         map[string]string `yaml:"env"`
		Steps       []actionStep      `yaml:"steps"`
	} `yaml:"jobs"`
}

// Whoever gets hold of a job's token can do what its permissions say.
func TestWorkflowsMayDoNoMoreThanTheyNeed(t *testing.T) {
	allowed := map[string]map[string]string{
		"release.yml archives": {"contents": "write", "id-token": "write"},
		"release.yml image":    {"contents": "read", "packages": "write", "id-token": "write"},
	}
	for _, name := range files(t, ".github/workflows", "*.yml") {
		var w workflow
		decode(t, name, &w)
		if !maps.Equal(w.Permissions, map[string]string{"contents": "read"}) {
			t.Errorf("%s may do %v, want contents: read", name, w.Permissions)
		}
		for job, j := range w.Jobs {
			if want := allowed[path.Base(name)+" "+job]; !maps.Equal(j.Permissions, want) {
				t.Errorf("%s: the job %s may do %v, want %v", name, job, j.Permissions, want)
			}
			for _, s := range j.Steps {
				if strings.Contains(s.Run, "${{") {
					t.Errorf("%s: a script of the job %s holds an expression; hand it over in env", name, job)
				}
			}
		}
	}
}

// A release waits for all that CI checks, and has the notes that people wrote.
func TestAReleaseIsCheckedAndHasNotes(t *testing.T) {
	var w workflow
	decode(t, ".github/workflows/release.yml", &w)
	if w.Jobs["ci"].Uses != "./.github/workflows/ci.yml" || w.Jobs["archives"].Needs != "ci" || w.Jobs["image"].Needs != "archives" {
		t.Error("want the archives to wait for CI, and the image for the archives")
	}
	script := ""
	for _, s := range w.Jobs["archives"].Steps {
		if strings.Contains(s.Run, "CHANGELOG.md") {
			script = s.Run
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS == "windows" {
		t.Skipf("the script needs bash: %v", err)
	}
	run := func(tag string) (notes string, err error) {
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), bash, "-e", "-o", "pipefail", "-c", script)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "GITHUB_REF_NAME="+tag, "RUNNER_TEMP="+filepath.ToSlash(dir))
		err = cmd.Run()
		text, _ := os.ReadFile(filepath.Join(dir, "notes.md"))
		return string(text), err
	}
	versions := versionHeading.FindAllStringSubmatch(string(read(t, "CHANGELOG.md")), -1)
	for _, v := range versions {
		notes, err := run("v" + v[1])
		if err != nil || !strings.Contains(notes, "\n* ") || strings.Contains(notes, "\n## ") {
			t.Errorf("the notes of %s: %v\n%s", v[1], err, notes)
		}
	}
	if notes, err := run("v99.0.0"); err == nil {
		t.Errorf("a version that the changelog does not know has the notes\n%s", notes)
	}
}

var versionHeading = regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})$`)

// What is not released yet stands first, then versions with their dates, the newest first.
func TestTheChangelogTellsVersionsAndDates(t *testing.T) {
	text := string(read(t, "CHANGELOG.md"))
	headings := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(text, -1)
	if len(headings) < 2 || headings[0][1] != "Unreleased" {
		t.Fatalf("headings %q, want Unreleased and at least one version", headings)
	}
	versions := versionHeading.FindAllStringSubmatch(text, -1)
	if len(versions) != len(headings)-1 {
		t.Errorf("headings %q, want each but the first in the form 1.2.3 - 2026-01-02", headings)
	}
	dates := make([]string, 0, len(versions))
	for _, v := range versions {
		dates = append(dates, v[2])
	}
	if slices.Reverse(dates); !slices.IsSorted(dates) {
		t.Errorf("dates %v, want the newest first", dates)
	}
}
