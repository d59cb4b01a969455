package store

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/ringback/ringback/signature"
)

// What many packs have in common has a number: their subscribers, and the forms of the headers of requests.

// mostFans is how many lists of subscribers there may be at once. Where there are more, deliveries have rows of their own.
const mostFans = 10_000

// mostForms is how many forms there may be. Subscriptions to more hosts than that keep whole headers, in rows of their own.
const mostForms = 1000

// fanOf returns the number that stands for a list of subscribers, 0 if there are too many lists.
func (t *tx) fanOf(keys []int64) (int64, error) {
	text := array(keys)
	if key := t.fans[text]; key != 0 || len(t.fans) >= mostFans {
		return key, nil
	}
	r, err := t.conn.ExecContext(t.ctx, "INSERT INTO fan (subscribers) VALUES (?)", text)
	if err != nil {
		return 0, err
	}
	key, err := r.LastInsertId()
	t.fans, t.lists = maps.Clone(t.fans), maps.Clone(t.lists) // others read them
	return key, cmp.Or(err, t.addFan(text, key))
}

// formOf returns the number of the form of a header, 0 if there are too many, and what it leaves out.
func (t *tx) formOf(h Header) (key int64, length uint64, token string, err error) {
	var space [512]byte
	form, length, token := formOf(space[:0], h)
	if key := t.forms[string(form)]; key != 0 || len(t.forms) >= mostForms {
		return key, length, token, nil
	}
	template := slices.Clone(h)
	for i := range template {
		switch name := template[i][0]; {
		case name == "Content-Length" && length != 0, name == signature.HeaderName && token != "":
			template[i][1] = varies
		}
	}
	text, err := json.Marshal(template)
	if err != nil {
		return 0, 0, "", err
	}
	r, err := t.conn.ExecContext(t.ctx, "INSERT INTO form (header) VALUES (?)", string(text))
	if err != nil {
		return 0, 0, "", err
	}
	key, err = r.LastInsertId()
	t.forms, t.headers = maps.Clone(t.forms), maps.Clone(t.headers) // others read them
	return key, length, token, cmp.Or(err, t.addForm(string(text), key))
}

// addFan notes a list of subscribers.
func (c *cached) addFan(text string, key int64) error {
	var list []int64
	err := json.Unmarshal([]byte(text), &list)
	if err != nil {
		return unreadable{err}
	}
	c.fans[text], c.lists[key] = key, list
	return nil
}

// addForm notes a form of headers.
func (c *cached) addForm(text string, key int64) error {
	var h Header
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return unreadable{err}
	}
	form, _, _ := formOf(nil, h)
	c.forms[string(form)], c.headers[key] = key, h
	return nil
}

// fansWith lists the lists with a subscriber.
func (c *cached) fansWith(subscriber int64) (keys []int64) {
	for key, list := range c.lists {
		if slices.Contains(list, subscriber) {
			keys = append(keys, key)
		}
	}
	return keys
}

// subscribersOf returns a list of subscribers. One that is newer than the cache is read.
func (c *cached) subscribersOf(ctx context.Context, from querier, fan int64) (list []int64, err error) {
	if list, known := c.lists[fan]; known {
		return list, nil
	}
	err = oneOf(ctx, from, []any{document{&list}}, "SELECT subscribers FROM fan WHERE key = ?", fan)
	return list, absent(err)
}

// headerOf returns the form of headers. One that is newer than the cache is read.
func (c *cached) headerOf(ctx context.Context, from querier, form int64) (h Header, err error) {
	if h, known := c.headers[form]; known {
		return h, nil
	}
	err = oneOf(ctx, from, []any{document{&h}}, "SELECT header FROM form WHERE key = ?", form)
	return h, absent(err)
}

// absent takes a row that is not there, to which another one points, for an unreadable one.
func absent(err error) error {
	if isMissing(err) {
		return errPack
	}
	return err
}
