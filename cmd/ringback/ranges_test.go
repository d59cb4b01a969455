package main

import (
	"strings"
	"testing"
)

// A number that cannot be meant is refused, with the range and the flag, before anything is planned or sent.
func TestNumbersOutOfRangeAreRefused(t *testing.T) {
	for _, tt := range []struct{ flag, values, want string }{
		{"--count", "0 -1 1.5 1e3 NaN 18446744073709551615 99999999999999999999 10000000001", "want a whole number from 1 to 10000000000"},
		{"--population", "0 -1 1.5 x 99999999999999999999 2000001", "want a whole number from 1 to 2000000"},
		{"--connections", "0 -1 10001 1000000000", "want 1 to 10000"},
		{"--waiting", "0 -1 10000001", "want 1 to 10000000"},
		{"--timeout", "0s -1s 1ns 2h", "want 1ms to 1h"},
		{"--retry-for", "1000000h", "want 0 to 720h"},
		{"--patience", "1000000h", "want 0 to 720h, or less than 0 for ever"},
		{"--speed", "0 -1 NaN Inf 1e300", "want a number above 0"},
		{"--agents", "0 -1 1.5 100001", "want a whole number from 1 to 100000"},
		{"--seed", "-1 1.5 99999999999999999999", "want a whole number from 0"},
		{"--calls", "0/s -1/s 1e9/s NaN/s", "want a rate"},
		{"--calls", "1000001/s 999999999999/s 99999999999/m", "want at most 1000000/s"},
		{"--events", "0/s -1/s 1e9/s NaN/s", "want a rate"},
		{"--events", "1000001/s", "want at most 1000000/s"},
		{"--for", "0s -1s 1000000h", "want a time"},
	} {
		for value := range strings.FieldsSeq(tt.values) {
			t.Run(tt.flag+"="+value, func(t *testing.T) {
				status, out, errs := call(t, "", "run", "chat", "--dry-run", tt.flag+"="+value)
				if status != exitUsage || out != "" || !strings.Contains(errs, "ringback: "+tt.flag+": ") || !strings.Contains(errs, tt.want) {
					t.Errorf("status %d, want %d, the flag and %q:\n%s%s", status, exitUsage, tt.want, out, errs)
				}
			})
		}
	}
	for _, line := range []string{"plan chat --count 2000001 --summary", "plan chat --count 10000000001 --calls 5/s --summary", "plan chat --population 2000001 --for 1m --summary",
		"serve --listen 127.0.0.1:0 --data memory --connections 10001", "serve --listen 127.0.0.1:0 --data memory --timeout 2h", "serve --listen 127.0.0.1:0 --data memory --propagation 2h",
		"examine --to http://127.0.0.1:9/ --check bytes/plain --repeat 0", "examine --to http://127.0.0.1:9/ --check bytes/plain --repeat 201"} {
		if status, out, errs := call(t, "", strings.Fields(line)...); status != exitUsage || out != "" || !strings.Contains(errs, "want ") {
			t.Errorf("%s: status %d, want %d and a range:\n%s%s", line, status, exitUsage, out, errs)
		}
	}
}
