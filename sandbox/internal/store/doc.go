// Package store keeps the state of the sandbox in one SQLite file.
//
// Subscriptions, runs, notifications, deliveries and attempts go in and come out again after
// any end of the program. It promises that what a method was given is whole in the file when
// the method returns, on the disk and not only in the system's memory, and that the file is
// one process's at a time and readable by its owner alone: secrets are in it as they are,
// and in no error. It never decides what is sent, or when.
//
// Each change is one transaction, which waits for the disk. Whoever has many makes one of
// them: a batch of a hundred takes little longer than one.
package store
