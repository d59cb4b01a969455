package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

// noon is the moment that tests begin at.
func noon() time.Time { return time.Date(2025, 3, 3, 12, 0, 0, 123456789, time.UTC) }

// open opens a store in memory or, with a path, in a file, until the end of the test.
func open(t testing.TB, path string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// folder is a new one, in memory where the system has such: many small transactions need not wait
// for a disk.
func folder(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "ringback-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// both runs a test with a store in memory, and with one in a file that it can open again.
func both(t *testing.T, test func(t *testing.T, s *store.Store, again func() *store.Store)) {
	t.Run("memory", func(t *testing.T) {
		s := open(t, "", store.Options{})
		test(t, s, func() *store.Store { return s })
	})
	for name, fewest := range map[string]int{"file": 1000, "file, packed": 1} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder(t), "sandbox.db")
			opened := func() *store.Store {
				s := open(t, path, store.Options{})
				store.Pack(s, fewest)
				return s
			}
			s := opened()
			test(t, s, func() *store.Store {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = opened()
				return s
			})
		})
	}
}

func subscription(id string) store.Subscription {
	return store.Subscription{ID: id, Name: "name of " + id, URL: "http://127.0.0.1/" + id, Events: []string{"*"}, Enabled: true,
		Secret: signature.Secret(strings.Repeat("s", signature.MinSecretLen)), Created: noon(), Changed: noon(), Version: 1}
}

func subscribe(t testing.TB, s *store.Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		must(t, s.CreateSubscription(t.Context(), subscription(id)))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func fails(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// whole fails the test unless the file is whole and its counts are right.
func whole(t testing.TB, s *store.Store) {
	t.Helper()
	if err := s.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

func wantCounts(t testing.TB, s *store.Store, notifications int64, want map[store.DeliveryState]int64) {
	t.Helper()
	n, got := s.Counts()
	all := map[store.DeliveryState]int64{}
	for _, state := range store.States() {
		all[state] = 0
	}
	for state, count := range want {
		all[state] = count
	}
	if n != notifications || !reflect.DeepEqual(got, all) {
		t.Errorf("counts: got %d and %v, want %d and %v", n, got, notifications, all)
	}
}

// accepted is a notification with all fields, number i of a test.
func accepted(i int, to ...string) store.Accepted {
	return store.Accepted{To: to, Due: noon().Add(time.Duration(i) * time.Second), Notification: store.Notification{
		ID: fmt.Sprintf("id%025d", i), Type: "channel.held.v1", Conversation: fmt.Sprintf("conversation %d", i/10), Interaction: "interaction",
		Channel: "channel", Role: "agent", Party: "alice", Agent: "0150", Run: "run", Accepted: noon(), Fault: "forged",
		Body: fmt.Appendf(nil, `{"number":%d}`, i), Signed: []byte("signed"), Keys: 3,
	}}
}

func accept(t testing.TB, s *store.Store, batch ...store.Accepted) []store.Delivery {
	t.Helper()
	deliveries, err := s.Accept(t.Context(), batch, store.Changes{})
	must(t, err)
	return deliveries
}

func TestSettingsAndScenariosAreKept(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		value, err := s.Setting(ctx, "client id")
		must(t, err)
		same(t, "a setting that was never set", value, "")
		must(t, s.Set(ctx, "client id", "one"))
		must(t, s.Set(ctx, "client id", "two"))
		must(t, s.SaveScenario(ctx, "mine", "name: mine"))
		must(t, s.SaveScenario(ctx, "mine", "name: mine # changed"))
		must(t, s.SaveScenario(ctx, "other", "name: other"))
		must(t, s.DeleteScenario(ctx, "other"))
		fails(t, "deleting it again", s.DeleteScenario(ctx, "other"), store.ErrNotFound)
		s = again()
		value, err = s.Setting(ctx, "client id")
		must(t, err)
		same(t, "the setting", value, "two")
		all, err := s.Scenarios(ctx)
		must(t, err)
		same(t, "scenarios", all, []string{"mine"})
		text, err := s.Scenario(ctx, "mine")
		must(t, err)
		same(t, "the scenario", text, "name: mine # changed")
		_, err = s.Scenario(ctx, "other")
		fails(t, "finding a deleted scenario", err, store.ErrNotFound)
	})
}

func TestRunsAndConversationsAreKept(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		run := store.Run{ID: "one", Name: "n", Source: "name: n", Options: store.Playing{Count: 3, Faults: []string{"f"}}, State: store.RunGoing, Seed: 1<<63 + 1,
			Start: noon(), Base: noon(), Offset: 7, Speed: 1.7976931348623157e308, Position: 99, Created: noon()}
		must(t, s.SaveRun(ctx, run))
		ended := run
		ended.ID, ended.State, ended.Ended, ended.Error = "two", store.RunFailed, noon(), "why"
		must(t, s.SaveRun(ctx, ended))
		conversation := store.Conversation{ID: "c", Medium: "call", Seed: 1<<64 - 1, Created: noon(), Actions: []store.Action{{At: noon(), Step: "ring", Args: []byte(`{"agent":"bob"}`)}}}
		over := store.Conversation{ID: "d", Medium: "email", Created: noon(), Ended: noon(), Actions: []store.Action{}}
		_, err := s.Accept(ctx, []store.Accepted{accepted(1)}, store.Changes{Positions: map[string]uint64{"one": 5}, Conversations: []store.Conversation{conversation, over}})
		must(t, err)
		run.Speed = 2
		must(t, s.SaveRun(ctx, run))
		conversation.Actions = append(conversation.Actions, store.Action{At: noon(), Step: "answer"})
		_, err = s.Accept(ctx, nil, store.Changes{Positions: map[string]uint64{"one": 1<<63 + 5}, Conversations: []store.Conversation{conversation}})
		must(t, err)
		s = again()
		run.Position, ended.Position = 1<<63+5, 0
		all, err := s.Runs(ctx, true)
		must(t, err)
		same(t, "runs that go on", all, []store.Run{run})
		one, err := s.Run(ctx, "two")
		must(t, err)
		same(t, "one run", one, ended)
		_, err = s.Run(ctx, "three")
		fails(t, "finding an unknown run", err, store.ErrNotFound)
		run.Source, ended.Source = "", ""
		all, err = s.Runs(ctx, false)
		must(t, err)
		same(t, "runs", all, []store.Run{ended, run})
		talks, err := s.Conversations(ctx, false)
		must(t, err)
		same(t, "conversations", talks, []store.Conversation{conversation, over})
		talks, err = s.Conversations(ctx, true)
		must(t, err)
		same(t, "conversations that go on", talks, []store.Conversation{conversation})
	})
}

func TestAnswersAreRememberedForADay(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		for _, step := range []struct {
			request string
			status  int
			answer  string
			before  string
			same    bool
		}{
			{"look", 0, "", "", false},
			{"first", 201, "kept", "", false},
			{"first", 201, "another", "kept", true},
			{"second", 0, "", "kept", false},
		} {
			before, status, isSame, err := s.Remember(ctx, "key", step.request, step.status, []byte(step.answer))
			must(t, err)
			if string(before) != step.before || isSame != step.same || (status == 201) != (step.before != "") {
				t.Errorf("%+v: got %q, %d, %t", step, before, status, isSame)
			}
			s = again()
		}
		must(t, s.Forget(ctx, time.Now().Add(25*time.Hour)))
		before, status, _, err := s.Remember(ctx, "key", "first", 0, nil)
		must(t, err)
		if before != nil || status != 0 {
			t.Errorf("after a day: got %q, %d", before, status)
		}
	})
}
