package seeded

import (
	"regexp"
	"testing"
)

func TestGUIDsOfNoVersion(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[09a-f][0-9a-f]{3}-[0-7c-f][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen, versions := map[[36]byte]bool{}, map[byte]int{}
	for n := range uint64(5000) {
		id := From(3).With(n).GUID()
		if !form.Match(id[:]) || seen[id] {
			t.Fatalf("got %s; want a new one of a version and a variant that no RFC knows", id)
		}
		seen[id] = true
		versions[id[14]]++
	}
	if len(versions) != 8 {
		t.Errorf("the versions are %v", versions)
	}
}
