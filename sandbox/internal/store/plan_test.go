package store

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// explained says how SQLite goes about a query.
func explained(t *testing.T, s *Store, query string, args ...any) (lines []string) {
	t.Helper()
	err := each(t.Context(), s.conn, func(rows *sql.Rows) error {
		var id, parent, cost int
		var line string
		err := rows.Scan(&id, &parent, &cost, &line)
		lines = append(lines, line)
		return err
	}, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%v in %s", err, query)
	}
	return lines
}

func TestNoListScansATable(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "f"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, test := range []struct {
		query  string
		args   int
		index  string // that it goes along; none: numbers
		sorted bool   // few rows, or those merged
	}{
		{query: allNotifications, args: 2},
		{query: notificationsOfConversation, args: 4, index: "notification_conversation"},
		{query: notificationsOfRun, args: 3, index: "notification_run"},
		{query: notificationsOfTypes, args: 3, index: "notification_type", sorted: true},
		{query: allDeliveries, args: 2},
		{query: deliveriesOfNotification, args: 5, index: "delivery_notification"},
		{query: deliveriesOfConversation, args: 4, index: "notification_conversation", sorted: true},
		{query: deliveriesOfRun, args: 3},
		{query: deliveriesOfTypes, args: 3, index: "delivery_type", sorted: true},
		{query: deliveriesOfStates, args: 4, index: "delivery_state", sorted: true},
		{query: loadNotifications, args: 1, sorted: true},
		{query: loadDeliveries, args: 1, sorted: true},
		{query: selectDue, args: 4, index: "delivery_due"},
		{query: selectAttempts, args: 1, index: "attempt_delivery"},
		{query: oldest, args: 2, index: "delivery_notification"},
		{query: "SELECT state, count(*) " + theirs + " GROUP BY state", args: 1, sorted: true},
		{query: deleteAttempts, args: 1, index: "attempt_delivery"},
		{query: deleteDeliveries, args: 1, index: "delivery_notification"},
		{query: "SELECT number FROM run WHERE state IN ('running', 'paused')", index: "run_going"},
		{query: "SELECT 1 FROM notification n WHERE n.run = ? AND n.run <> ''", args: 1, index: "notification_run"},
		{query: "SELECT 1 FROM notification n WHERE n.conversation = ? AND n.conversation <> ''", args: 1, index: "notification_conversation"},
		{query: changeDelivery, args: 11},
		{query: cancelWaiting, args: 2, index: "delivery_"},
		{query: forgetBetween, args: 1, index: "attempt_delivery"},
		{query: betweenAttempts, args: 2, index: "attempt_delivery"},
		{query: selectPack, args: 1},
		{query: selectPackOf, args: 1, index: "pack_first"},
		{query: selectChunks, args: 1},
		{query: selectOpen, args: 3, index: "pack_open"},
		{query: selectForgettable, args: 2, index: "pack_first"},
		{query: selectPacksDue, args: 3, index: "pack_due"},
		{query: loadBodies, args: 1, sorted: true},
		{query: allPacks, args: 2, index: "pack_first"},
		{query: openPacks, args: 2, index: "pack_open"},
		{query: packsOfNotification, args: 5, sorted: true},
		{query: packsOfConversation, args: 4, index: "notification_conversation", sorted: true},
		{query: packsOfRun, args: 3, index: "notification_run"},
		{query: packsOfTypes, args: 3, index: "pack_type", sorted: true},
		{query: packsOfFans, args: 3, index: "pack_fan", sorted: true},
		{query: deletePacks, args: 1},
		{query: deleteChunks, args: 1, sorted: true},
		{query: countPacked, args: 1, sorted: true},
		{query: selectSearched, args: 2},
		{query: selectPacksIn, args: 2, index: "pack_first"},
		{query: selectChunksIn, args: 2},
		{query: selectDeliveriesIn, args: 2},
		{query: selectAnswersIn, args: 2, index: "attempt_delivery"},
		{query: blocksOfNotifications, args: 2, index: "delivery_notification", sorted: true},
		{query: "SELECT " + notificationColumns + ofRun, args: 3, index: "notification_run"},
		{query: packsOfSome, args: 1, sorted: true},
		{query: rowsOfSome, args: 1, index: "delivery_notification"},
		{query: attemptsOfSome, args: 1, index: "attempt_delivery", sorted: true},
	} {
		args := make([]any, test.args)
		for i := range args {
			args[i] = int64(i)
		}
		lines := explained(t, s, test.query, args...)
		if !strings.Contains(strings.Join(lines, " "), "INDEX "+test.index) && test.index != "" {
			t.Errorf("%s\ndoes not go along %s but\n%s", test.query, test.index, strings.Join(lines, "\n"))
		}
		for _, line := range lines {
			if strings.HasPrefix(line, "SCAN ") && !strings.Contains(line, "VIRTUAL TABLE") || strings.Contains(line, "AUTOMATIC") ||
				!test.sorted && strings.Contains(line, "TEMP B-TREE") {
				t.Errorf("%s\nis planned as\n%s", test.query, strings.Join(lines, "\n"))
				break
			}
		}
	}
	// Without this, the test would pass if EXPLAIN said nothing.
	if lines := explained(t, s, "SELECT number FROM delivery WHERE failure = 'x'"); !strings.HasPrefix(lines[0], "SCAN ") {
		t.Errorf("a scan is not seen: %q", lines)
	}
}
