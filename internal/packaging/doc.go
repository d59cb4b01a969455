// Package packaging checks the files that ringback is shipped with.
//
// The Dockerfile, the compose example, the GitHub Action, the release configuration and the
// workflow come in; tests that fail where one of them names what does not exist come out.
// It promises that each file is read strictly, by its own rules. It never starts a
// container, and holds no code but tests.
package packaging
