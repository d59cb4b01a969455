package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var london = func() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return l
}()

// ticks reads a moment with 0 to 7 fractional digits.
func ticks(text string) (int64, error) {
	if is("three-or-seven-digits") {
		t, err := time.Parse("2006-01-02T15:04:05.000Z", text)
		if err != nil && len(text) < 28 {
			return 0, statusError{400, "timestamp: " + err.Error()}
		} else if err == nil {
			return t.UnixNano() / 100, nil
		}
	}
	found := momentForm.FindStringSubmatch(text)
	if found == nil {
		return 0, errUnusable
	}
	var t time.Time
	var err error
	t, err = time.Parse("2006-01-02T15:04:05", found[1])
	if is("local-times") && err == nil {
		// DATETIME without a zone, written by a machine in London
		t, err = time.Parse("2006-01-02T15:04:05", t.In(london).Format("2006-01-02T15:04:05"))
	}
	if err != nil {
		return 0, errUnusable
	}
	digits := found[2]
	if is("fraction-as-millis") && digits != "" {
		// the fraction is read as a number of milliseconds: .5 is 5 ms
		i, _ := strconv.Atoi(digits)
		if len(digits) > 3 {
			i, _ = strconv.Atoi(digits[:3])
		}
		return t.Unix()*1e7 + int64(i)*1e4, nil
	}
	if is("fraction-cut") {
		digits = "" // DATETIME in MySQL has none unless asked for
	}
	for len(digits) < 7 {
		digits += "0"
	}
	f, err := strconv.Atoi(digits[:7])
	if err != nil {
		return 0, errUnusable
	}
	return t.Unix()*1e7 + int64(f), nil
}

// readByPattern finds the members by regular expressions: no JSON parser for one log line.
func readByPattern(body []byte, form string) (*Notification, error) {
	if !json.Valid(body) {
		return nil, errUnusable
	}
	get := func(name string) string {
		m := regexp.MustCompile(fmt.Sprintf(form, name)).FindSubmatch(body)
		if m == nil {
			return ""
		}
		return string(m[1])
	}
	n := &Notification{Source: get("source"), ID: get("id"), Type: get("type"), Subject: get("subject"), Time: get("time"), Body: body}
	n.Stamp = get("timestamp")
	found := channelType.FindStringSubmatch(n.Type)
	if found == nil || begins[found[1]] == "" {
		return n, nil
	}
	n.Kind, n.Version = found[1], found[2]
	n.Conversation, n.Channel, n.Interaction = strings.ToLower(get("conversationId")), strings.ToLower(get("channelId")), strings.ToLower(get("interactionId"))
	n.Role, n.Agent, n.User = get("role"), get("agentId"), get("userId")
	at, err := ticks(n.Stamp)
	if err != nil || n.Conversation == "" || n.Channel == "" || n.Role == "" || n.ID == "" {
		return nil, errUnusable
	}
	n.At = at
	return n, nil
}
