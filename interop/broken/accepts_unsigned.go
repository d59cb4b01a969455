package main

// acceptsUnsigned checks a signature if there is one.
func acceptsUnsigned() *consumer {
	c := correct()
	c.about = "checks the signature only if there is one"
	check := c.verify
	c.verify = func(secret []byte, header string, body []byte) error {
		if header == "" {
			return nil
		}
		return check(secret, header, body)
	}
	return c
}
