package repo

import (
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
}
