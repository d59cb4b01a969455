package main

// oneCallAtATime keeps one conversation in mind, that which began last.
func oneCallAtATime() *consumer {
	c := correct()
	c.about = "knows one conversation at a time"
	c.forget = true
	return c
}
