package store_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// The parts of a WAL in bytes: its header, and a frame with the header of its own.
const walHead, walFrame = 32, 24 + 4096

// changed is a file as a killed sandbox leaves it, with as many transactions in its WAL, each of which has set "n" to its number.
func changed(t *testing.T, transactions int) (path string) {
	t.Helper()
	from := used(t)
	s := open(t, from, store.Options{})
	for n := range transactions {
		must(t, s.Set(t.Context(), "n", strconv.Itoa(n+1)))
	}
	path = filepath.Join(folder(t), "f")
	for _, end := range []string{"", "-wal"} {
		text, err := os.ReadFile(from + end)
		must(t, err)
		must(t, os.WriteFile(path+end, text, 0o600))
	}
	must(t, s.Close())
	return path
}

// A WAL that is damaged before its last transaction is refused, and stays as it is: SQLite would go on without what is behind the damage.
func TestADamagedWALIsRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(wal []byte) []byte
		want   string // in the error; empty: it opens
		n      string // then
	}{
		{"nothing", func(wal []byte) []byte { return wal }, "", "5"},
		{"a bit of the header", func(wal []byte) []byte { wal[9] ^= 1; return wal }, "is damaged at byte 0", ""},
		{"a bit of its salts", func(wal []byte) []byte { wal[16] ^= 0x80; return wal }, "is damaged at byte 0", ""},
		{"its magic number", func(wal []byte) []byte { wal[0] = 'S'; return wal }, "is damaged at byte 0", ""},
		{"its sum", func(wal []byte) []byte { wal[31]++; return wal }, "is damaged at byte 0", ""},
		{"zeros for the header", func(wal []byte) []byte { return append(make([]byte, walHead), wal[walHead:]...) }, "is damaged at byte 0", ""},
		{"a bit of the first page", func(wal []byte) []byte { wal[walHead+100] ^= 1; return wal }, "is damaged at byte 32:", ""},
		{"the salts of the first frame", func(wal []byte) []byte { wal[walHead+8] ^= 1; return wal }, "is damaged at byte 32:", ""},
		{"a frame in the middle", func(wal []byte) []byte {
			copy(wal[walHead+walFrame:], make([]byte, walFrame))
			return wal
		}, "is damaged at byte " + strconv.Itoa(walHead+walFrame) + ":", ""},
		{"the last page", func(wal []byte) []byte { wal[len(wal)-1] ^= 1; return wal }, "", "4"},
		{"cut in the last frame", func(wal []byte) []byte { return wal[:len(wal)-100] }, "", "4"},
		{"the header alone", func(wal []byte) []byte { return wal[:walHead] }, "", ""},
		{"a part of the header", func(wal []byte) []byte { return wal[:walHead/2] }, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := changed(t, 5)
			wal := test.damage(contents(path)[1])
			must(t, os.WriteFile(path+"-wal", wal, 0o600))
			s, err := store.Open(path, store.Options{})
			if test.want == "" {
				must(t, err)
				defer s.Close()
				n, err := s.Setting(t.Context(), "n")
				if errors.Is(err, store.ErrNotFound) {
					err = nil
				}
				must(t, err)
				same(t, "the last change", n, test.n)
				whole(t, s)
				return
			}
			if err == nil {
				s.Close()
			}
			if trouble := troubleOf(t, err); trouble.Kind != store.Damaged || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if !bytes.Equal(contents(path)[1], wal) {
				t.Error("the WAL was changed")
			}
			// Its advice: to go on without them.
			must(t, os.WriteFile(path+"-wal", nil, 0o600))
			whole(t, open(t, path, store.Options{}))
		})
	}
}

// Whatever bit is flipped, no more than the last transaction is given up without a word.
func TestNoBitOfAWALTakesMoreThanTheLastTransaction(t *testing.T) {
	const transactions = 6
	path := changed(t, transactions)
	sound := contents(path)
	const seed = 12
	r := rand.New(rand.NewPCG(seed, 0))
	flips := 150
	if testing.Short() {
		flips = 30
	}
	refused := 0
	for range flips {
		at, bit := r.IntN(len(sound[1])), r.IntN(8)
		for i, end := range []string{"", "-wal"} {
			must(t, os.WriteFile(path+end, sound[i], 0o600))
		}
		_ = os.Remove(path + "-shm") // it is not there if nothing was opened
		patched(t, path+"-wal", int64(at), []byte{sound[1][at] ^ 1<<bit})
		s, err := store.Open(path, store.Options{})
		if err != nil {
			if trouble := troubleOf(t, err); trouble.Kind != store.Damaged {
				t.Errorf("seed %d, bit %d of byte %d: %v", seed, bit, at, err)
			}
			refused++
			continue
		}
		n, err := s.Setting(t.Context(), "n")
		must(t, errors.Join(err, s.Close()))
		if n != strconv.Itoa(transactions) && n != strconv.Itoa(transactions-1) {
			t.Errorf("seed %d, bit %d of byte %d: %s of %d transactions are there", seed, bit, at, n, transactions)
		}
	}
	if refused == 0 || refused == flips {
		t.Errorf("seed %d: %d of %d were refused", seed, refused, flips)
	}
}
