// Package interop holds ringback against judges that share no code with it.
//
// The ready-made scenarios, the schemas and the ringback program come in; the verdicts of an
// Express consumer, of the CloudEvents SDK for Go, of JSON Schema libraries and of the AsyncAPI
// parser go out, as tests. Slurm plays the shards of a run.
// It promises that what ringback sends is accepted by software that others wrote, and that the
// same software refuses forgeries. It never becomes a dependency of those who import ringback,
// because it is a module of its own, and it opens no connection beyond the loopback interface.
package interop
