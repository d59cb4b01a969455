package main

// answersBeforeStoring writes to the disk when there are a hundred notifications, and has
// answered them all by then.
func answersBeforeStoring() *consumer {
	c := correct()
	c.about = "answers before it has stored, and loses that in a crash"
	c.durable = 100
	return c
}
