// Package repo holds the tests of the repository itself.
//
// The Go files of the module and the files that it is shipped with (Dockerfile, compose
// example, GitHub Action, release configuration, workflow) come in; tests come out that fail
// at an import that is not drawn, or at a file that names what does not exist. It promises
// that each file is read strictly, by its own rules. It starts no container, and holds no
// code but tests.
package repo
