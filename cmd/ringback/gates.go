package main

import (
	"github.com/spf13/cobra"

	"github.com/ringback/ringback/internal/gate"
)

// gatesTopic is the help topic about gates; it is no command.
func (p *program) gatesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "gates",
		Short: "Conditions on the result of a run",
		Long: `A gate is a condition on the result of a run. A run with a failed gate ends with exit status 1.

  ringback run inbound-call --gate 'accepted >= 99.9%' --gate 'answer p99 < 500ms'

Scenario and workload files may have gates, too: gates: [accepted == 100%, violations == 0]

A gate is a figure, a comparison (>=, <=, ==, !=, >, <) and a value. Counts are compared with a
number, or with a percentage. Where N stands behind p, any percentile may stand: p50, p99, p99.9;
instead of it also min, mean and max. Figures are those of all targets together. A gate on a
figure for which there is no data fails.

` + gate.Help(),
	}
}
