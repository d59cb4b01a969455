package repo

import (
	"go/ast"
	"go/types"
	"path"
	"strings"
	"testing"
)

// declared holds the types of the module, each under its package and name.
type declared map[string]*declaredType

type declaredType struct {
	file    file
	spec    *ast.TypeSpec
	methods []member // the exported ones
}

// member is an exported field or method. An embedded field has no name.
type member struct {
	Name string
	Type ast.Expr
}

// String is the member as a declaration shows it.
func (m member) String() string {
	return strings.TrimSpace(m.Name + strings.Replace(" "+types.ExprString(m.Type), " func(", "(", 1))
}

func declaredTypes(t *testing.T) declared {
	t.Helper()
	files, _ := readModule(t)
	all := declared{}
	for _, f := range files {
		eachType(f.File, func(s *ast.TypeSpec, _ string) {
			all[f.pkg+"."+s.Name.Name] = &declaredType{file: f, spec: s}
		})
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.IsExported() {
				if of := all[f.pkg+"."+receiverName(fn)]; of != nil {
					of.methods = append(of.methods, member{fn.Name.Name, fn.Type})
				}
			}
		}
	}
	return all
}

// members lists the exported fields and methods.
func (d *declaredType) members() (all []member) {
	var list *ast.FieldList
	switch x := d.spec.Type.(type) {
	case *ast.StructType:
		list = x.Fields
	case *ast.InterfaceType:
		list = x.Methods
	default:
		return d.methods
	}
	for _, field := range list.List {
		if len(field.Names) == 0 {
			all = append(all, member{"", field.Type})
		}
		for _, name := range field.Names {
			if name.IsExported() {
				all = append(all, member{name.Name, field.Type})
			}
		}
	}
	return append(all, d.methods...)
}

// surface lists the type expressions that users of a type see.
func (d *declaredType) surface() (all []ast.Expr) {
	switch d.spec.Type.(type) {
	case *ast.StructType, *ast.InterfaceType:
	default:
		all = append(all, d.spec.Type)
	}
	for _, m := range d.members() {
		all = append(all, m.Type)
	}
	return all
}

// alias is a public name of a type of an internal package.
type alias struct {
	name, comment string
	of            *declaredType
}

// aliases lists the exported aliases that stand in the files, by the types that they name.
func (all declared) aliases(files []file) map[string]alias {
	found := map[string]alias{}
	for _, f := range files {
		eachType(f.File, func(s *ast.TypeSpec, comment string) {
			if !s.Assign.IsValid() || !s.Name.IsExported() {
				return
			}
			if name := all.name(&f, s.Type); hidden(name) && hidden(f.imported(s.Type)) {
				found[name] = alias{f.pkg + "." + s.Name.Name, comment, all[name]}
			}
		})
	}
	return found
}

// named lists the types of the module that an expression names.
func (all declared) named(f *file, n ast.Node) (names []string) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.Field: // its names are no types
			names = append(names, all.named(f, x.Type)...)
			return false
		case *ast.SelectorExpr, *ast.Ident:
			if name := all.name(f, x.(ast.Expr)); name != "" {
				names = append(names, name)
			}
			return false
		}
		return true
	})
	return names
}

// imported is the package and name that a selector takes from another package of the
// module, or "".
func (f *file) imported(x ast.Expr) string {
	s, ok := x.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if pkg, ok := s.X.(*ast.Ident); ok {
		for _, at := range f.imports() {
			if short := strings.TrimPrefix(at, module); short != at && path.Base(at) == pkg.Name {
				return short + "." + s.Sel.Name
			}
		}
	}
	return ""
}

// name is the package and name of a type of the module, behind all aliases, or "".
func (all declared) name(f *file, x ast.Expr) string {
	name := f.imported(x)
	if id, ok := x.(*ast.Ident); ok {
		name = f.pkg + "." + id.Name
	}
	d := all[name]
	switch {
	case d == nil:
		return ""
	case d.spec.Assign.IsValid():
		return all.name(&d.file, d.spec.Type)
	}
	return name
}

// hidden reports whether a type is one of an internal package.
func hidden(name string) bool { return strings.Contains("/"+name, "/internal/") }

// eachType calls do with each type that a file declares, and its comment.
func eachType(f *ast.File, do func(s *ast.TypeSpec, comment string)) {
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, s := range g.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					comment := s.Doc
					if comment == nil {
						comment = g.Doc
					}
					do(s, comment.Text())
				}
			}
		}
	}
}
