// Package desk is the control API of the sandbox, under /sandbox/v1.
//
// Requests of the console, of scripts and of tests come in; answers in JSON, and a stream of
// what happens, go out. It promises that its OpenAPI document, which it serves, holds for every
// answer, that a bad request changes nothing and is told what is wrong with it, and that a
// secret is shown once only, to whoever created or rotated it. It never decides who may ask:
// package sandbox stands before it.
package control
