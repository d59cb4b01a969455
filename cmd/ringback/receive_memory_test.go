package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/mischief"
	"github.com/ringback/ringback/internal/published"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// What a receiver has forgotten, so that its memory stays bounded, is said.
func TestTheVerdictSaysWhatWasForgotten(t *testing.T) {
	for _, c := range []struct {
		report receiver.Report
		want   string
	}{
		{receiver.Report{Accepted: 7, Open: 1}, "\nreceived: 7 accepted, 0 duplicates, 0 ignored, 0 refused; 0 channels ended, 1 open, 0 violations\n"},
		{receiver.Report{Accepted: 70000, Open: 1, Forgotten: 12345, ForgottenIDs: 2000}, "\nreceived: 70000 accepted, 0 duplicates, 0 ignored, 0 refused; 0 channels ended, 1 open, 12,345 judged and forgotten, 0 violations\n" +
			"2,000 IDs forgotten before 25 h were over: a duplicate of one of them counts as another notification\n"},
	} {
		var out bytes.Buffer
		if err := writeVerdict(&out, &c.report); err != nil || out.String() != c.want {
			t.Errorf("got  %s\nwant %s, %v", out.String(), c.want, err)
		}
	}
}

// A receiver that rejects everything for days follows so many notifications and no more, and says so.
func TestRejectedNotificationsAreFollowedWithinABound(t *testing.T) {
	secret := signature.GenerateSecret()
	rec := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
	m := misbehaviour{say: func(string) {}, most: 3}
	m.misbehave(rec, mischief.Options{})
	e, err := event.Read(published.Notifications(t)[0].Compact)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		e.ID[26] = byte('0' + i%5)
		body := event.Append(nil, e)
		m.acted(mischief.Withheld{Answer: mischief.Answer{Status: 503}, Body: body, Header: map[string][]string{signature.HeaderName: {signature.Sign(secret, body, time.Now())}}})
	}
	var out strings.Builder
	want := "misbehaved: 10 × 503 Service Unavailable; 3 valid notifications were rejected and never accepted on retry; of 4 more requests nobody knows, because 3 notifications were waited for already\n"
	if err := m.write(&out); err != nil || out.String() != want || m.allRecovered() {
		t.Errorf("got  %s\nwant %s", out.String(), want)
	}
}
