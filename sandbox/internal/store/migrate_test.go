package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// makeFile makes a file with some SQL, not by the store.
func makeFile(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "f")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	return path
}

// testdata/version1.sql is what the first version of the store left behind. It stays as it is,
// whatever the store becomes.
func TestAFileOfVersion1IsOpened(t *testing.T) {
	text, err := os.ReadFile("testdata/version1.sql")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(makeFile(t, string(text)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	subscriptions, err := s.Subscriptions(t.Context())
	if err != nil || len(subscriptions) != 1 || subscriptions[0].Name != "first" || string(subscriptions[0].Secret) != "0123456789abcdef0123456789abcdef" ||
		subscriptions[0].SecretText() != subscriptions[0].Secret.Base64() {
		t.Errorf("subscriptions: %+v, %v", subscriptions, err)
	}
	deliveries, err := s.Due(t.Context(), subscriptions[0].ID, time.Time{}, 0, 10)
	if err != nil || len(deliveries) != 1 || deliveries[0].Number != 2 || string(deliveries[0].Detail.Body) != `{"second":true}` {
		t.Errorf("due: %+v, %v", deliveries, err)
	}
	attempts, err := s.Attempts(t.Context(), 1)
	if err != nil || len(attempts) != 1 || !reflect.DeepEqual(attempts[0].Header, Header{{"A", "b"}}) {
		t.Errorf("attempts: %+v, %v", attempts, err)
	}
	if d, err := s.Accept(t.Context(), []Accepted{{To: []string{subscriptions[0].ID}}}, Changes{}); err != nil || d[0].Number != 3 {
		t.Errorf("the next delivery: %+v, %v", d, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A step is taken once, whole, and on top of the ones before.
func TestMigrationsAreTakenOnce(t *testing.T) {
	s, err := Open("", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	count := func(want int) {
		t.Helper()
		var version, got int
		if err := s.conn.QueryRowContext(ctx, "SELECT user_version, (SELECT count(*) FROM setting) FROM pragma_user_version").Scan(&version, &got); err != nil || got != want || version != len(migrations())+want {
			t.Errorf("got %d rows at version %d, want %d (%v)", got, version, want, err)
		}
	}
	one := append(migrations(), "INSERT INTO setting VALUES ('one', '')")
	for range 2 {
		if err := migrate(ctx, s.conn, one); err != nil {
			t.Fatal(err)
		}
		count(1)
	}
	broken := append(one, "INSERT INTO setting VALUES ('two', ''); INSERT INTO nothing VALUES (1)")
	if err := migrate(ctx, s.conn, broken); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("from version %d to %d", len(one), len(one)+1)) {
		t.Errorf("a broken step: %v", err)
	}
	count(1)
	if err := migrate(ctx, s.conn, append(one, "INSERT INTO setting VALUES ('two', '')")); err != nil {
		t.Fatal(err)
	}
	count(2)
	if err := migrate(ctx, s.conn, migrations()); err == nil || !strings.Contains(err.Error(), "of a newer ringback") {
		t.Errorf("a file from the future: %v", err)
	}
}

func TestDatabasesOfOthersAreRefused(t *testing.T) {
	for _, text := range []string{"CREATE TABLE bookmarks (url TEXT)", "PRAGMA user_version = 1", "PRAGMA application_id = 5"} {
		s, err := Open(makeFile(t, text), Options{})
		if err == nil || !strings.Contains(err.Error(), "another program") {
			t.Errorf("%s: got error %v", text, err)
		}
		if err == nil {
			s.Close()
		}
	}
}

func TestCheckFindsWhatDoesNotFit(t *testing.T) {
	s, err := Open("", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("an empty file: %v", err)
	}
	const broken = "INSERT INTO attempt VALUES (3, 7, 1, 0, 0, 0, '', '', '', 0, ''); UPDATE counts SET notifications = 2, failed = 1"
	if _, err := s.conn.ExecContext(t.Context(), broken); err != nil {
		t.Fatal(err)
	}
	const want = `check the file: row 3 of attempt points to a row of delivery that is not there
2 notifications are counted, and 0 are there
1 failed deliveries are counted, and 0 are there`
	if err := s.Check(t.Context()); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Of attempts that version 4 kept, status and failure tell what they meant.
func TestOutcomesOfAnEarlierVersion(t *testing.T) {
	for _, test := range []struct {
		status  int
		failure string
		want    Outcome
	}{
		{204, "", OutcomeAccepted},
		{503, "status: 503 Service Unavailable", OutcomeFailed},
		{0, "timeout: no answer within 10 s", OutcomeFailed},
		{401, "refused with 401 Unauthorized, as a correct consumer does", OutcomeCorrectlyRefused},
		{204, "wrongly-accepted: wrong-key accepted with 204 No Content", OutcomeWronglyAccepted},
		{0, "dropped on purpose", ""},
		{0, "", ""}, // no attempt was made
	} {
		var got Outcome
		if err := (outcomeColumn{&got, &test.status, &test.failure}).Scan(int64(0)); err != nil || got != test.want {
			t.Errorf("%d %q: %q, %v; want %q", test.status, test.failure, got, err, test.want)
		}
	}
	var got Outcome
	status, failure := 204, ""
	if err := (outcomeColumn{&got, &status, &failure}).Scan(int64(99)); err == nil {
		t.Errorf("99 is %q", got)
	}
}

// Deliveries of version 4 have the states that they would have now, and the counts with them.
func TestStatesOfAnEarlierVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), conn, migrations()[:4]); err != nil {
		t.Fatal(err)
	}
	const rows = `INSERT INTO type VALUES (1, 'channel.held.v0'); INSERT INTO subscriber VALUES (1, 'gone');
		INSERT INTO notification (number, id, type, conversation, interaction, channel, role, party, agent, run, accepted, fault, keys, body)
			VALUES (1, 'id', 1, '', '', '', '', '', '', '', 1, '', 0, x'');
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
			INSERT INTO delivery (number, notification, subscription, type, state, attempts, due, status, failure)
			SELECT i, 1, 1, 1, 2, 1, 0, 401, 'refused with 401 Unauthorized, as a correct consumer does' FROM n;
		INSERT INTO delivery (number, notification, subscription, type, state, attempts, due, status, failure) VALUES
			(2501, 1, 1, 1, 1, 1, 0, 204, 'wrongly-accepted: wrong-key accepted with 204'), (2502, 1, 1, 1, 2, 0, 0, 0, 'dropped on purpose'),
			(2503, 1, 1, 1, 2, 1, 0, 503, 'status: 503'), (2504, 1, 1, 1, 1, 1, 0, 204, '');
		UPDATE counts SET notification = 1, delivery = 2504, notifications = 1, delivered = 2, failed = 2502`
	if _, err := conn.ExecContext(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(conn.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		s, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, counts := s.Counts()
		for state, want := range map[DeliveryState]int64{CorrectlyRefused: 2500, WronglyAccepted: 1, Dropped: 1, Failed: 1, Delivered: 1} {
			if counts[state] != want {
				t.Errorf("%d are %s, want %d", counts[state], state, want)
			}
		}
		if d, err := s.Delivery(t.Context(), 2502); err != nil || d.State != Dropped || d.Outcome != "" {
			t.Errorf("%+v, %v", d, err)
		}
		if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
			t.Error(err)
		}
	}
}
