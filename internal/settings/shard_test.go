package settings

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

func TestAShardIsReadFromItsText(t *testing.T) {
	job := map[string]string{"JOB_COMPLETION_INDEX": "2", "RINGBACK_SHARDS": "4"}
	for _, c := range []struct {
		text string
		env  map[string]string
		want plan.Shard
		err  string // a part of it
	}{
		{"", nil, plan.Shard{}, ""},
		{"", job, plan.Shard{}, ""},
		{"0/4", nil, plan.Shard{Index: 0, Of: 4}, ""},
		{"3/4", job, plan.Shard{Index: 3, Of: 4}, ""},
		{"0/1", nil, plan.Shard{Index: 0, Of: 1}, ""},
		{"4/4", nil, plan.Shard{}, `4 shards are numbered from 0 to 3, got "4/4"`},
		{"0/0", nil, plan.Shard{}, `want K/N such as 0/4, or auto, got "0/0"`},
		{"-1/4", nil, plan.Shard{}, "want K/N"},
		{"1", nil, plan.Shard{}, "want K/N"},
		{"1/4/8", nil, plan.Shard{}, "want K/N"},
		{"0/99999999999", nil, plan.Shard{}, "want K/N"},
		{"auto", job, plan.Shard{Index: 2, Of: 4}, ""},
	} {
		got, err := ParseShard(c.text, func(name string) (string, bool) { v, ok := c.env[name]; return v, ok })
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("ParseShard(%q) with %v = %v, %v; want %v, %q", c.text, c.env, got, err, c.want, c.err)
		}
	}
}

func TestTheSharesOfAllShardsAreTheWhole(t *testing.T) {
	for conversations := range uint64(20) {
		for of := uint64(1); of < 8; of++ {
			sum := uint64(0)
			for k := range of {
				counted, share := uint64(0), ShareOf(plan.Shard{Index: k, Of: of}, conversations)
				for i := range conversations {
					if i%of == k {
						counted++
					}
				}
				if share != counted {
					t.Errorf("shard %d/%d of %d conversations has %d, want %d", k, of, conversations, share, counted)
				}
				sum += share
			}
			if sum != conversations || ShareOf(plan.Shard{}, conversations) != conversations {
				t.Errorf("%d shards of %d conversations have %d", of, conversations, sum)
			}
		}
	}
}

func TestAPartKnowsItsOwnConversations(t *testing.T) {
	scs := []*scenario.Scenario{load(t, "inbound-call"), load(t, "transfer"), load(t, "voicemail")}
	o := plan.Options{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Count: 10, Weights: []float64{1, 2, 3}}
	whole, err := plan.NewMix(scs, o)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for k := range uint64(4) {
		o.Shard = plan.Shard{Index: k, Of: 4}
		p, err := plan.NewMix(scs, o)
		if err != nil {
			t.Fatal(err)
		}
		own, err := PartOf(p, o.Shard)
		if err != nil {
			t.Fatal(err)
		}
		if own.Hash() != whole.Hash() {
			t.Errorf("shard %d is of plan %s, want %s", k, own.Hash(), whole.Hash())
		}
		for i := range own.Conversations() {
			of := i*4 + k
			if got, want := own.Truth(i), whole.Truth(of); !reflect.DeepEqual(got, want) {
				t.Errorf("conversation %d of shard %d is %v, want %v", i, k, got, want)
			}
			if got, want := own.ScenarioOf(i), whole.ScenarioOf(of); got != want {
				t.Errorf("conversation %d of shard %d plays %d, want %d", i, k, got, want)
			}
			seen++
		}
	}
	if seen != 10 {
		t.Errorf("the parts have %d conversations, want 10", seen)
	}
}

func load(t *testing.T, name string) *scenario.Scenario {
	t.Helper()
	sc, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}
