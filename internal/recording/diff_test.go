package recording_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/plan"
)

func TestDifferences(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7}, "inbound-call-with-hold")
	with := func(change func(all []string) []string) string { return lines(change(append([]string{}, all...))) }
	replace := func(i int, old, new string) func([]string) []string {
		return func(all []string) []string {
			if all[i] = strings.Replace(all[i], old, new, 1); !strings.Contains(all[i], new) {
				t.Fatalf("%q is not in line %d", old, i+1)
			}
			return all
		}
	}
	without := func(all []string) []string { return append(all[:4], all[5:]...) }
	twice := func(all []string) []string { return append(all, all[4]) }
	swapped := func(all []string) []string { all[4], all[6] = all[6], all[4]; return all }
	stranger := bodies(t, plan.Options{Seed: 8}, "inbound-call-with-hold")[4]
	channel := recording.HeadOf([]byte(all[0])).ChannelID
	other := "00000000-0000-4000-8000-000000000000"
	tests := []struct {
		name   string
		got    string
		ignore recording.Ignore
		want   string
	}{
		{"nothing", lines(all), recording.Ignore{}, ""},
		{"nothing, in rows", rows(t, time.Second, all...), recording.Ignore{}, ""},
		{"one is missing", with(without), recording.Ignore{}, "missing 5/0 channel.held\n"},
		{"one is missing, without identifiers", with(without), recording.Ignore{IDs: true}, "missing 5/0 channel.held\n"},
		{"one came twice", with(twice), recording.Ignore{}, "duplicate 5/12 channel.held\n"},
		{"one came twice, without identifiers", with(twice), recording.Ignore{IDs: true}, "duplicate 5/12 channel.held\n"},
		{"a stranger", lines(append(all[:11:11], stranger)), recording.Ignore{}, "extra 0/12 channel.held\n"},
		{"a stranger, without identifiers", lines(append(all[:11:11], stranger)), recording.Ignore{IDs: true}, "extra 0/12 channel.held\n"},
		{"two are swapped", with(swapped), recording.Ignore{},
			"out-of-order 7/5 channel.disconnected:  | behind channel.connected.v0 of line 4\n" +
				"out-of-order 6/6 channel.retrieved:  | behind channel.disconnected.v0 of line 5\n"},
		{"order is ignored", with(swapped), recording.Ignore{Order: true}, ""},
		{"another member", with(replace(2, `"role":"agent"`, `"role":"monitor"`)), recording.Ignore{},
			`different 3/3 channel.alerted data.channel.party.role: "agent" | "monitor"` + "\n"},
		{"a member more and a member less", with(replace(0, `"source":"/channel",`, `"source":"/channel","traceparent":7,`)), recording.Ignore{},
			"different 1/1 channel.alerted traceparent:  | 7\n"},
		{"another moment", with(replace(0, "09:00:00.000Z", "09:00:00.001Z")), recording.Ignore{},
			`different 1/1 channel.alerted data.timestamp: "2025-03-03T09:00:00.000Z" | "2025-03-03T09:00:00.001Z"` + "\n"},
		{"time is ignored", with(replace(0, "09:00:00.000Z", "09:00:00.001Z")), recording.Ignore{Time: true}, ""},
		{"a moment that is none is not ignored", with(replace(0, "09:00:00.000Z", "noon")), recording.Ignore{Time: true},
			`different 1/1 channel.alerted data.timestamp: "2025-03-03T09:00:00.000Z" | "2025-03-03Tnoon"` + "\n"},
		{"everything is called otherwise", strings.ReplaceAll(lines(all), channel, other), recording.Ignore{IDs: true}, ""},
		{"one is called otherwise in one place", with(replace(5, `"channelId":"`+channel, `"channelId":"`+other)), recording.Ignore{IDs: true},
			`different 6/6 channel.retrieved data.channel.channelId: "` + channel + `", which is ` + channel + ` since line 1 | "` + other + "\"\n"},
		{"two are called alike", strings.ReplaceAll(lines(all), channel, recording.HeadOf([]byte(all[2])).ChannelID), recording.Ignore{IDs: true, Order: true}, "different"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := compared(t, lines(all), tt.got, tt.ignore)
			if tt.want == "different" {
				if !strings.Contains(got, "different ") {
					t.Errorf("differences = %q, want some", got)
				}
				return
			}
			if got != tt.want {
				t.Errorf("differences:\n%swant:\n%s", got, tt.want)
			}
		})
	}
}

func TestMembersMayStandInAnyOrder(t *testing.T) {
	const want, got = `{"specversion":"1.0","id":"a","source":"s","data":{"n":1.0,"m":[true,null]}}`,
		`{"data": {"m": [true, null], "n": 1.0}, "source": "s", "id": "a", "specversion": "1.0"}`
	if d := compared(t, want, got, recording.Ignore{}); d != "" {
		t.Errorf("differences = %s, want none", d)
	}
	if d := compared(t, want, strings.Replace(got, "null", "false", 1), recording.Ignore{}); !strings.Contains(d, "data.m[1]: null | false") {
		t.Errorf("differences = %s, want the second of m", d)
	}
}

func TestCopiesThatAreWantedAreNoDifference(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7}, "inbound-call")
	want := lines(append(all[:9:9], all[4], all[4]))
	for _, ignore := range []recording.Ignore{{}, {IDs: true}} {
		if got := compared(t, want, want, ignore); got != "" {
			t.Errorf("%+v: differences = %s, want none", ignore, got)
		}
		if got := compared(t, want, lines(append(all[:9:9], all[4])), ignore); !strings.HasPrefix(got, "missing 11/0") || strings.Count(got, "\n") != 1 {
			t.Errorf("%+v: differences = %s, want the second copy missing", ignore, got)
		}
	}
}

// Conversations of one kind that begin in one instant are told by how long things took.
func TestManyConversationsAreFoundAgainWithoutIdentifiers(t *testing.T) {
	sampling.Long(t)
	o := plan.Options{Seed: 7, Count: 40, Versions: plan.Both}
	names := []string{"random-durations", "transfer", "presence-over-a-shift"}
	all := bodies(t, o, names...)
	_, sent := replayed(t, lines(all), recording.Options{Renew: true, Seed: 9})
	mixed := sentBodies(sent)
	for i := 0; i+1 < len(mixed); i += 2 { // as if neighbours were delivered the other way round
		mixed[i], mixed[i+1] = mixed[i+1], mixed[i]
	}
	if got := compared(t, lines(all), lines(mixed), recording.Ignore{IDs: true, Order: true}); got != "" {
		t.Errorf("differences:\n%.2000s", got)
	}
	if got := compared(t, lines(all), lines(mixed), recording.Ignore{IDs: true}); !strings.Contains(got, "out-of-order") {
		t.Errorf("differences = %q, want disorder", got)
	}
	if got := compared(t, lines(all), lines(mixed), recording.Ignore{Order: true}); !strings.Contains(got, "missing") || !strings.Contains(got, "extra") {
		t.Errorf("differences with identifiers = %.200q, want all missing and extra", got)
	}
}
