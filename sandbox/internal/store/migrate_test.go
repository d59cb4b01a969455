package store

import (
	"database/sql"
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
