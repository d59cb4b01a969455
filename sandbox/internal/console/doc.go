// Package console is the page of the sandbox: files that are part of the program, and the
// handler that serves them.
//
// Requests for the page come in; its HTML, style and scripts go out, each with an entity tag
// and a policy that lets it load from nowhere else. It promises that the page works without a
// build step and without the internet. It never knows what the page shows: the browser asks
// the control API itself.
package console
