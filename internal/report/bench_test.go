package report_test

import (
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/scenario/fault"
)

// BenchmarkRecord is what the report of a fast run costs per notification.
func BenchmarkRecord(b *testing.B) {
	d := report.NewDetails([]string{"a", "b"})
	a := row(1, emitter.Accepted, fault.None, "")
	b.ReportAllocs()
	for b.Loop() {
		d.Record(a)
	}
}
