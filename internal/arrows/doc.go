// Package arrows holds the packages of ringback to the arrows between them.
//
// The Go files of the module come in; a test that fails at each import that is not drawn
// here comes out. It promises that the core stays a function of its arguments, and that
// each risky library has one importer. It never looks at tests, which may import anything.
package arrows
