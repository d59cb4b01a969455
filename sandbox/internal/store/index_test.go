package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// blocked is a store with ten notifications in blocks of four, and their deliveries in blocks of eight.
func blocked(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "f"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.inBlock = [blockKinds]int64{4, 8}
	for _, id := range []string{"a", "b"} {
		if err := s.CreateSubscription(t.Context(), Subscription{ID: id, Name: id}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		n := Notification{ID: fmt.Sprint("secret", i), Type: "t", Accepted: time.Unix(int64(1000+i), 0)}
		if _, err := s.Accept(t.Context(), []Accepted{{Notification: n, To: []string{"a", "b"}}}, Changes{}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *Store) indexAll(t *testing.T) (made int) {
	t.Helper()
	for {
		more, err := s.Index(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return made
		}
		made++
	}
}

func TestBlocksAreMadeOnceTheirNumbersAreGiven(t *testing.T) {
	s := blocked(t)
	select {
	case <-s.Unindexed():
	default:
		t.Error("nobody is told that there is something to index")
	}
	if made := s.indexAll(t); made != 2+2 { // notifications 1 to 3, and 4 to 7; deliveries 1 to 7, and 8 to 15
		t.Errorf("made %d blocks", made)
	}
	if made := s.indexAll(t); made != 0 {
		t.Errorf("made %d blocks again", made)
	}
	if err := s.Record(t.Context(), nil, []Delivery{{Number: 9, Notification: 5, State: Failed, Status: 500}}); err != nil {
		t.Fatal(err)
	}
	if total, _, err := s.Count(t.Context(), Filter{Search: searchFor(t, "500")}); total != 1 || err != nil {
		t.Errorf("found %d, %v", total, err)
	}
	if made := s.indexAll(t); made != 1 {
		t.Errorf("made %d blocks after a change", made)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func searchFor(t *testing.T, text string) Search {
	t.Helper()
	search, err := ParseSearch(text)
	if err != nil {
		t.Fatal(err)
	}
	return search
}

// A block whose rows change while it is made is not kept.
func TestABlockOfRowsThatChangedIsNotKept(t *testing.T) {
	s := blocked(t)
	low, err := s.lowest(t.Context(), s.conn)
	if err != nil {
		t.Fatal(err)
	}
	s.indexed.there[block{ofNotifications, 0}], s.indexed.there[block{ofNotifications, 1}] = true, true
	b, _ := s.nextBlock(low)
	content, err := s.makeBlock(t.Context(), s.readers, b)
	if err != nil || b != (block{ofDeliveries, 1}) {
		t.Fatal(b, err)
	}
	if err := s.Record(t.Context(), nil, []Delivery{{Number: 9, Notification: 5, State: Failed}}); err != nil {
		t.Fatal(err)
	}
	if err := s.write(t.Context(), "save", func(t *tx) error { return t.saveBlock(b, content) }); err != nil {
		t.Fatal(err)
	}
	if s.indexed.there[b] {
		t.Error("it is kept")
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// What is forgotten is in no block any more, neither after Forget nor after Reset.
func TestWhatIsForgottenIsInNoBlock(t *testing.T) {
	s := blocked(t)
	s.indexAll(t)
	has := func(text string) bool {
		contents, err := allRows(t.Context(), s.conn, itself[[]byte], "SELECT content FROM notification_block UNION ALL SELECT content FROM delivery_block")
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(bytes.Join(contents, nil), []byte(text))
	}
	if !has("secret0") || !has("secret5") {
		t.Fatal("there is nothing to forget")
	}
	for n := range int64(20) {
		if err := s.Record(t.Context(), nil, []Delivery{{Number: n + 1, Notification: n/2 + 1, State: Delivered}}); err != nil {
			t.Fatal(err)
		}
	}
	s.indexAll(t)
	if err := s.Forget(t.Context(), time.Unix(1005, 0).Add(s.options.KeepFor)); err != nil {
		t.Fatal(err)
	}
	if has("secret0") || has("secret4") {
		t.Error("what is forgotten is there")
	}
	s.indexAll(t)
	if has("secret4") || !has("secret5") {
		t.Error("the block of what is left is not as it should be")
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.indexAll(t); has("secret") || has("t") {
		t.Error("something is there after a reset")
	}
}

// Blocks that cannot be read are made of their rows, whatever is in them.
func TestABlockThatCannotBeReadIsMadeAnew(t *testing.T) {
	s := blocked(t)
	s.indexAll(t)
	for _, content := range []string{"x''", "x'ff'", "x'0000000000'", "x'020a0a0001ffff00000100000000000000000000000000000000'", "x'ffffffffffffffffff01'"} {
		for _, table := range blockTables {
			if _, err := s.conn.ExecContext(t.Context(), "UPDATE "+table+" SET content = "+content); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := s.Deliveries(t.Context(), Filter{Search: searchFor(t, "secret5 t")})
		if err != nil {
			t.Errorf("%s: %v", content, err)
		}
		if s.Check(t.Context()) == nil {
			t.Errorf("%s: the check finds nothing", content)
		}
	}
}

// Whatever is in a block, nobody who reads it fails.
func FuzzBlocks(f *testing.F) {
	f.Add([]byte("\x02\n\n\x01\x02\x01\x00\x00\x00\x00"), []byte{})
	f.Add([]byte{}, []byte{1, 0, 0, 0, 1, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, notifications, deliveries []byte) {
		d := finder{wanted: hasMoment, terms: [searchedColumns]uint32{1}}
		if b, err := openNotificationBlock(notifications, 0, 16); err == nil {
			g := &giving{notificationBlock: b}
			g.values, _ = b.give([]line{{[]byte(" a"), 1}, {[]byte("\n"), 2}})
			d.bitsOf(g)
		}
		if b, err := openDeliveryBlock(deliveries, 0); err == nil {
			d.gives(b)
			for i := range b.n {
				_ = b.places.at(i) + b.result.at(i) + int(b.notification.at(i))
			}
			_, _ = moments(b.at, b.n)
		}
	})
}
