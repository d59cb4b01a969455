package repo

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a reader can take in: bounds on the size of files and functions, in lines.
const (
	longestFile     = 400
	longFile        = 300 // nine of ten files with product code are not longer
	shortFile       = 40
	shortFiles      = 20 // at most so many files with product code are shorter
	longestFunction = 60
	publicPackages  = 12 // at most, the command included
)

func TestThereAreFewPublicPackages(t *testing.T) {
	if all := public(t); len(all) > publicPackages {
		t.Errorf("%d packages can be imported or run, want at most %d: %s", len(all), publicPackages, strings.Join(all, ", "))
	}
}

// public lists the packages that others can import or run, sorted.
func public(t *testing.T) (all []string) {
	t.Helper()
	files, _ := readModule(t)
	for _, f := range files {
		parts := strings.Split(f.pkg, "/")
		if !slices.Contains(parts, "internal") && !slices.Contains(all, f.pkg) {
			all = append(all, f.pkg)
		}
	}
	slices.Sort(all)
	return all
}

func TestFilesAndFunctionsAreShort(t *testing.T) {
	files, places := readModule(t)
	var sizes []int
	var small []string
	for _, f := range files {
		lines := places.File(f.FileStart).LineCount()
		sizes = append(sizes, lines)
		if lines > longestFile {
			t.Errorf("%s has %d lines, want at most %d", f.path, lines, longestFile)
		}
		if lines < shortFile && path.Base(f.path) != "doc.go" && !platform(f) {
			small = append(small, f.path)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if n := places.Position(fn.End()).Line - places.Position(fn.Pos()).Line + 1; n > longestFunction {
					t.Errorf("%s: %s has %d lines, want at most %d", places.Position(fn.Pos()), fn.Name.Name, n, longestFunction)
				}
			}
		}
	}
	slices.Sort(sizes)
	if p90 := sizes[len(sizes)*9/10]; p90 > longFile {
		t.Errorf("one of ten files has over %d lines, want at most %d", p90, longFile)
	}
	if len(small) > shortFiles {
		t.Errorf("%d files have under %d lines, want at most %d; they belong to their subjects:\n%s", len(small), shortFile, shortFiles, strings.Join(small, "\n"))
	}
}

// platform reports whether a file is for some systems only, so that its code cannot stand
// with the rest of its subject.
func platform(f file) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:build ") {
				return true
			}
		}
	}
	name := strings.TrimSuffix(path.Base(f.path), ".go")
	system := name[strings.LastIndexByte(name, '_')+1:]
	return slices.Contains([]string{"linux", "windows", "darwin", "unix"}, system) && system != name
}

// later are words by which something is put off, or known to be bad.
var later = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

func TestNothingIsPutOff(t *testing.T) {
	files, places := readModule(t)
	for _, f := range files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if word := later.FindString(c.Text); word != "" {
					t.Errorf("%s: %s; do it, or write an issue", places.Position(c.Pos()), word)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	files, _ := readModule(t)
	said := map[string]bool{}
	for _, f := range files {
		said[f.pkg] = said[f.pkg] || f.Doc != nil
		first := "Package " + f.Name.Name + " "
		if f.Name.Name == "main" {
			first = "Command "
		}
		if f.Doc != nil && !strings.HasPrefix(f.Doc.Text(), first) {
			t.Errorf("%s: the comment of the package does not begin with %q", f.path, first)
		}
	}
	for pkg, ok := range said {
		if !ok {
			t.Errorf("package %s has no comment", pkg)
		}
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	files, places := readModule(t)
	for _, f := range files {
		for _, d := range f.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s: %s has no comment", places.Position(name.Pos()), name.Name)
			}
		}
	}
}

// undocumented lists the exported names of a declaration that no comment explains. The
// comment of a group explains its constants and variables.
func undocumented(d ast.Decl) (all []*ast.Ident) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || ast.IsExported(receiverName(d))) {
			all = append(all, d.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					all = append(all, s.Name)
				}
			case *ast.ValueSpec:
				for _, name := range s.Names {
					if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						all = append(all, name)
					}
				}
			}
		}
	}
	return all
}

// receiverName is the type that a method belongs to.
func receiverName(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	switch x := t.(type) {
	case *ast.IndexExpr:
		t = x.X
	case *ast.IndexListExpr:
		t = x.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
