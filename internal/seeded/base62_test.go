package seeded

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/segmentio/ksuid"
)

func TestBase62IsThatOfTheLibrary(t *testing.T) {
	const seed = 62
	source := rand.NewChaCha8([32]byte{seed})
	ids := [][20]byte{{}, {19: 1}, {19: 61}, {19: 62}, {11: 1}, {3: 1}, {0: 1}}
	var most [20]byte
	for i := range most {
		most[i] = 0xff
	}
	ids = append(ids, most)
	for range 20_000 {
		var id [20]byte
		source.Read(id[:])
		ids = append(ids, id)
	}
	for _, id := range ids {
		var text [27]byte
		base62(uint64(binary.BigEndian.Uint32(id[:4])), binary.BigEndian.Uint64(id[4:12]), binary.BigEndian.Uint64(id[12:]), &text)
		if want := ksuid.KSUID(id).String(); string(text[:]) != want {
			t.Fatalf("seed %d: % x is %s, want %s", seed, id, text[:], want)
		}
	}
}
