package emitter

// perWorker is a Sender whose workers each have a part of their own, such as a connection.
type perWorker interface {
	forWorker() Sender
}
