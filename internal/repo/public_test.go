package repo

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// publicNames bounds what users of the packages have to look through: exported functions,
// types, constants, variables and methods of exported types. Each assumption and each fault is one.
const publicNames = 582

func TestThePublicNamesAreFew(t *testing.T) {
	n := 0
	for _, f := range publicFiles(t) {
		for _, d := range f.Decls {
			n += len(exported(d))
		}
	}
	if n > publicNames {
		t.Errorf("the public packages export %d names, want at most %d", n, publicNames)
	}
	t.Logf("%d exported names", n)
}

// A caller must be able to write down each type that a public declaration names: a type of
// an internal package only if a public package has an alias for it. The fields and methods of
// that type are then public, too.
func TestPublicDeclarationsNameNoHiddenType(t *testing.T) {
	all, files := declaredTypes(t), publicFiles(t)
	aliases := all.aliases(files)
	check := func(f *file, n ast.Node) {
		for _, name := range all.named(f, n) {
			if hidden(name) && aliases[name].of == nil {
				t.Errorf("%s: %s is named in public, and callers cannot write it down: give it an alias, or hide it", f.path, name)
			}
		}
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && len(exported(d)) > 0 {
				check(&f, fn.Type)
			}
		}
		eachType(f.File, func(s *ast.TypeSpec, _ string) {
			if s.Name.IsExported() && !s.Assign.IsValid() {
				for _, x := range all[f.pkg+"."+s.Name.Name].surface() {
					check(&f, x)
				}
			}
		})
	}
	for _, a := range aliases {
		for _, x := range a.of.surface() {
			check(&a.of.file, x)
		}
	}
}

// go doc shows nothing of the type behind an alias, so the comment of the alias has to: each
// field as it is declared, each method with its parameters and results.
func TestTheCommentOfAnAliasShowsFieldsAndMethods(t *testing.T) {
	all := declaredTypes(t)
	for _, a := range all.aliases(publicFiles(t)) {
		shown := strings.Join(strings.Fields(a.comment), " ")
		for _, m := range a.of.members() {
			if want := m.String(); !strings.Contains(shown, want) {
				t.Errorf("the comment of %s does not show %q", a.name, want)
			}
		}
	}
}

// publicFiles are the files of packages that others can import.
func publicFiles(t *testing.T) (all []file) {
	t.Helper()
	files, _ := readModule(t)
	for _, f := range files {
		if !slices.Contains(strings.Split(f.pkg, "/"), "internal") && !strings.HasPrefix(f.pkg, "cmd/") {
			all = append(all, f)
		}
	}
	return all
}

// exported lists the exported names that a declaration makes.
func exported(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiverName(d))) {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}
