package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

func TestAnInjectedFaultChangesOneAttempt(t *testing.T) {
	for _, row := range fault.Rows() {
		if row.Name == fault.RotateKey.String() {
			continue
		}
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			h := open(t, Options{Speed: 1000})
			c := consume(t, secret("a"))
			h.subscribe("s", c.url, secret("a"), "*")
			if err := h.engine.InjectFault(InjectedFault{Kind: row.Name, Count: 1, Type: "channel.held.*"}); err != nil {
				t.Fatal(err)
			}
			h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
			deliveries := number
			switch row.Name {
			case "duplicate", "unknown-type":
				deliveries++
			}
			h.until("all is delivered", func() bool { return h.settled("s", deliveries) })
			if left := h.engine.InjectedFaults(); len(left) != 0 {
				t.Errorf("%+v is left", left)
			}
			report := c.Report()
			switch want := number; {
			case row.Name == "drop" && report.Accepted == want-1:
			case row.Name != "drop" && report.Accepted == want && report.Open == 0:
			default:
				t.Errorf("%d are accepted", report.Accepted)
			}
			if got := report.Duplicates; got != 0 != (row.Name == "duplicate") {
				t.Errorf("%d duplicates", got)
			}
			if refused := len(report.Refused); refused != 0 != (row.Want == fault.RefuseSignature || row.Want == fault.Finish) {
				t.Errorf("refused %v", report.Refused)
			}
		})
	}
}

func TestAForgeryOfAPlanIsSentOnce(t *testing.T) {
	h := open(t, Options{Speed: 1000})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "*")
	h.play(Play{Name: "forgeries", Speed: emitter.Max})
	const forged, sent = 16, 33
	h.until("all is over", func() bool { return h.settled("s", sent) })
	if r := c.Report(); len(r.Refused) < 5 || r.Accepted != sent-forged || len(r.Violations) != 0 {
		t.Errorf("accepted %d, refused %v, violations %v", r.Accepted, r.Refused, r.Violations)
	}
	if got := len(h.deliveries(store.Filter{State: store.CorrectlyRefused})); got != forged {
		t.Errorf("%d are correctly refused, want the %d forgeries", got, forged)
	}
	for _, d := range h.deliveries(store.Filter{State: store.CorrectlyRefused}) {
		if d.Attempts != 1 || d.Failure != "" || d.Status/100 != 4 || d.Outcome != store.OutcomeCorrectlyRefused || d.Fault == "" || d.Fault != d.Detail.Fault {
			t.Errorf("a forgery: %+v", d)
		}
	}
}

func TestAnUnknownFaultIsAnsweredWithThoseThereAre(t *testing.T) {
	err := open(t, Options{}).engine.InjectFault(InjectedFault{Kind: "expired-tokn", Count: 1})
	const want = `kind: unknown fault "expired-tokn" (did you mean "expired-token"?); want one of duplicate, delay, reorder, drop, late-retry, slow-body, reset, wrong-key, `
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "rotate-key") {
		t.Errorf("got %v", err)
	}
}

func TestWhatWasDeliveredCanBeSentAgain(t *testing.T) {
	h := open(t, Options{})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "channel.held.*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("it is delivered", func() bool { return h.settled("s", 1) })
	note := h.deliveries(store.Filter{})[0].Notification
	for i, kind := range []string{KindResend, KindDuplicate, KindExpired} {
		d, err := h.engine.Resend(t.Context(), []store.Again{{Notification: note, Subscription: "s"}}, kind)
		if err != nil || len(d) != 1 || d[0].Kind != kind {
			t.Fatal(d, err)
		}
		h.until("it is sent again", func() bool { return h.settled("s", 2+i) })
	}
	if r := c.Report(); r.Accepted != 1 || r.Duplicates != 2 || r.Refused[receiver.ExpiredSignature] != 1 {
		t.Errorf("accepted %d, duplicates %d, refused %v", r.Accepted, r.Duplicates, r.Refused)
	}
	var wrong *Invalid
	if _, err := h.engine.Resend(t.Context(), []store.Again{{Notification: note, Subscription: "s"}}, "loudly"); !errors.As(err, &wrong) {
		t.Errorf("another kind gives %v", err)
	}
	if _, err := h.engine.Resend(t.Context(), []store.Again{{Notification: note + 99, Subscription: "s"}}, KindResend); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown notification gives %v", err)
	}
	if _, err := h.engine.Resend(t.Context(), []store.Again{{Notification: note, Subscription: "s"}, {Notification: note, Subscription: "nobody"}}, KindResend); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown subscription gives %v", err)
	}
}

// A subscription may be deleted before the copy that a fault wants is sent: that is no error.
func TestACopyForADeletedSubscriptionIsNoError(t *testing.T) {
	var log bytes.Buffer
	h := open(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("all is delivered", func() bool { return h.settled("s", number) })
	d := h.deliveries(store.Filter{})[0]
	h.engine.resendLater(d.Notification, "deleted", KindDuplicate)
	h.engine.background.Wait()
	if log.Len() > 0 {
		t.Errorf("the engine logs: %s", log.String())
	}
}

// Each attempt tells the fault that it carried, and what its response meant; of a consumer that is right, nothing has failed.
func TestAttemptsTellTheirFaults(t *testing.T) {
	h := open(t, Options{Speed: 1000})
	right := consume(t, secret("a"))
	h.subscribe("right", right.url, secret("a"), "channel.held.*")
	naive := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer naive.Close()
	h.subscribe("naive", naive.URL, secret("a"), "channel.held.*")
	for _, kind := range []string{"wrong-key", "slow-body"} {
		for _, subscription := range []string{"right", "naive"} {
			if err := h.engine.InjectFault(InjectedFault{Kind: kind, Count: 1, Subscription: subscription}); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max, Options: store.Playing{Count: 2}})
	h.until("all is over", func() bool { return h.settled("right", 2) && h.settled("naive", 2) })
	told := func(subscription string) (all []string) {
		for _, d := range h.deliveries(store.Filter{Subscription: subscription}) {
			attempts, err := h.store.Attempts(t.Context(), d.Number)
			if err != nil {
				t.Fatal(err)
			}
			line := string(d.State) + d.Kind + ":"
			for _, a := range attempts {
				line += fmt.Sprintf(" %d %s %s", a.Status, a.Outcome, a.Fault)
				if (a.Failure != "") != (a.Outcome == store.OutcomeWronglyAccepted) {
					t.Errorf("attempt %+v", a)
				}
			}
			if last := attempts[len(attempts)-1]; d.Outcome != last.Outcome || d.Fault != last.Fault {
				t.Errorf("delivery %+v, whose last attempt is %+v", d.Delivery, last)
			}
			all = append(all, line)
		}
		slices.Sort(all)
		return all
	}
	for subscription, want := range map[string][]string{
		"right": {"delivered: 200 accepted slow-body", "delivered: 401 correctly-refused wrong-key 200 accepted "},
		"naive": {"delivered: 204 accepted slow-body", "wrongly-accepted: 204 wrongly-accepted wrong-key"},
	} {
		if got := told(subscription); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", subscription, got, want)
		}
	}
}

// What is put off, lost or dropped on purpose is told with its fault, too.
func TestFaultsOfTheWayAreTold(t *testing.T) {
	for kind, want := range map[string]string{
		"drop": "dropped drop:", "delay": "delivered delay: accepted delay", "reorder": "delivered reorder: accepted reorder", "late-retry": "delivered late-retry: accepted late-retry",
	} {
		t.Run(kind, func(t *testing.T) {
			h := open(t, Options{Speed: 1000})
			c := consume(t, secret("a"))
			h.subscribe("s", c.url, secret("a"), "channel.held.*")
			if err := h.engine.InjectFault(InjectedFault{Kind: kind, Count: 1}); err != nil {
				t.Fatal(err)
			}
			h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
			h.until("it is over", func() bool { return h.settled("s", 1) })
			d := h.deliveries(store.Filter{})[0]
			attempts, err := h.store.Attempts(t.Context(), d.Number)
			if err != nil {
				t.Fatal(err)
			}
			got := string(d.State) + " " + d.Fault + ":"
			for _, a := range attempts {
				got += fmt.Sprintf(" %s %s", a.Outcome, a.Fault)
			}
			if got != want || (len(attempts) == 0) != (d.Outcome == "") {
				t.Errorf("got %q, want %q; %+v", got, want, d.Delivery)
			}
		})
	}
}
