package emitter

import (
	"reflect"
	"strings"
	"testing"
)

// Every plain number stands in the table, once, under the name that its JSON key has. What
// is added up, shown and judged by gates follows from that.
func TestEveryCounterStandsInTheTable(t *testing.T) {
	kind, listed := reflect.TypeFor[Counts](), map[string]int{}
	for _, k := range counters {
		var c Counts
		*k.in(&c) = 7
		var is []string
		for f := range kind.Fields() {
			if f.Type.Kind() == reflect.Uint64 && reflect.ValueOf(c).FieldByIndex(f.Index).Uint() == 7 {
				is = append(is, f.Tag.Get("json"))
			}
		}
		if want := strings.ReplaceAll(k.name, " ", "_"); len(is) != 1 || is[0] != want {
			t.Errorf("%q counts %q, want the field with key %q", k.name, is, want)
		}
		listed[k.name]++
		if n, ok := c.Named(k.name); n != 7 || !ok {
			t.Errorf("Named(%q) = %d, %v; want 7", k.name, n, ok)
		}
	}
	for f := range kind.Fields() {
		if name := strings.ReplaceAll(f.Tag.Get("json"), "_", " "); f.Type.Kind() == reflect.Uint64 && listed[name] != 1 {
			t.Errorf("%s stands %d times in the table, want once", f.Name, listed[name])
		}
	}
	if n := len(FinalOutcomes()); n != 7 {
		t.Errorf("%d final outcomes, want 7", n)
	}
}

func TestCountsAddUp(t *testing.T) {
	a := Counts{Matched: 3, Accepted: 2, GivenUp: 1, Statuses: map[int]uint64{200: 2}, Failures: map[Class]FailuresOfClass{ClassReset: {1, "first"}}}
	b := Counts{Matched: 1, GivenUp: 1, Silent: true, Statuses: map[int]uint64{500: 1}, Failures: map[Class]FailuresOfClass{ClassReset: {2, "second"}}}
	var sum Counts
	sum.Add(&a)
	sum.Add(&b)
	if sum.Matched != 4 || sum.Accepted != 2 || sum.GivenUp != 2 || !sum.Silent || sum.Statuses[200] != 2 || sum.Statuses[500] != 1 ||
		sum.Failures[ClassReset] != (FailuresOfClass{3, "first"}) {
		t.Errorf("the sum is %+v", sum)
	}
	if sum.Statuses[500]++; b.Statuses[500] != 1 {
		t.Error("the sum shares a map with a part")
	}
}
