package repo

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// publicNames bounds what users of the packages have to look through: exported functions,
// types, constants, variables and methods of exported types.
const publicNames = 510

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
// an internal package only if a public package has an alias for it.
func TestPublicDeclarationsNameNoHiddenType(t *testing.T) {
	files := publicFiles(t)
	aliases := map[string]bool{}
	for _, f := range files {
		eachType(f.File, func(s *ast.TypeSpec) {
			if x, ok := s.Type.(*ast.SelectorExpr); ok && s.Assign.IsValid() && s.Name.IsExported() {
				aliases[f.hidden(x)] = true
			}
		})
	}
	for _, f := range files {
		check := func(n ast.Node) {
			ast.Inspect(n, func(n ast.Node) bool {
				switch x := n.(type) {
				case *ast.FuncLit, *ast.BlockStmt:
					return false
				case *ast.SelectorExpr:
					if name := f.hidden(x); name != "" && !aliases[name] {
						t.Errorf("%s: %s is named in public, and callers cannot write it down: give it an alias, or hide it", f.path, name)
					}
					return false
				}
				return true
			})
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && len(exported(d)) > 0 {
				check(fn.Type)
			}
		}
		eachType(f.File, func(s *ast.TypeSpec) {
			if !s.Name.IsExported() {
				return
			}
			st, ok := s.Type.(*ast.StructType)
			if !ok {
				check(s.Type)
				return
			}
			for _, field := range st.Fields.List {
				if len(field.Names) == 0 || slices.ContainsFunc(field.Names, (*ast.Ident).IsExported) {
					check(field.Type)
				}
			}
		})
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

func eachType(f *ast.File, do func(*ast.TypeSpec)) {
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, s := range g.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					do(s)
				}
			}
		}
	}
}

// hidden is the package and name that a selector takes from an internal package, or "".
func (f *file) hidden(x *ast.SelectorExpr) string {
	pkg, ok := x.X.(*ast.Ident)
	if !ok {
		return ""
	}
	for _, i := range f.Imports {
		at := strings.Trim(i.Path.Value, `"`)
		if short := strings.TrimPrefix(at, module); short != at && path.Base(at) == pkg.Name && slices.Contains(strings.Split(short, "/"), "internal") {
			return short + "." + x.Sel.Name
		}
	}
	return ""
}
