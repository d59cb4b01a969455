// Package store keeps the state of the sandbox in one SQLite file.
//
// It holds subscriptions, runs, notifications, deliveries and attempts across any end of the
// program. When a method that writes returns, its change is on the disk, complete. Only one
// process at a time has the file open, and only its owner can read it: secrets are in it in
// plain text, and in no error. The store does not decide what is sent, or when.
//
// Each change is one transaction, which waits for the disk. Batches are therefore much faster:
// a hundred rows take little longer than one.
package store
