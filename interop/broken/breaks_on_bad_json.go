package main

import "encoding/json"

// breaksOnBadJSON panics on a body that is no JSON.
func breaksOnBadJSON() *consumer {
	c := correct()
	c.about = "crashes on a body that is no JSON"
	c.decode = func(body []byte, n *notification) error {
		if err := json.Unmarshal(body, n); err != nil {
			panic(err)
		}
		return nil
	}
	return c
}
