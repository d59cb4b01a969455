// Package recording reads what a consumer received, makes it a plan again and compares it
// with another recording.
//
// Lines of JSON come in, rows of "receive --log" or bare bodies; rows, notifications with
// moments, and differences come out, each with the line it is from. The package promises
// that a damaged line is an error with its place before any notification is given away,
// and that equal recordings and settings give equal notifications, byte for byte. It never
// reads the clock, draws an unseeded random number or opens a connection.
package recording
