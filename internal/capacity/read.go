package capacity

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// mostRead bounds a report that is gone on with, in bytes.
const mostRead = 16 << 20

// Read reads what WriteJSON wrote. The error says what is wrong with it.
func Read(r io.Reader) (*Result, error) {
	text, err := io.ReadAll(io.LimitReader(r, mostRead+1))
	if err != nil {
		return nil, err
	}
	var result Result
	switch err := json.Unmarshal(text, &result); {
	case len(text) > mostRead:
		return nil, fmt.Errorf("it has more than %d bytes", mostRead)
	case err != nil:
		return nil, fmt.Errorf("it is no report of a capacity: %w", err)
	case result.SchemaVersion != SchemaVersion || len(result.Steps) == 0:
		return nil, errors.New("it is no report of a capacity with any window, or of another version")
	}
	return &result, nil
}

// Continues returns the windows of an earlier search of the same consumer, without those that say nothing, or why they cannot be used.
func (r *Result) Continues(earlier *Result) ([]Step, error) {
	switch {
	case earlier.Target != r.Target:
		return nil, fmt.Errorf("it is about %s, not about %s", earlier.Target, r.Target)
	case !slices.Equal(earlier.Scenarios, r.Scenarios):
		return nil, fmt.Errorf("it played %v, not %v", earlier.Scenarios, r.Scenarios)
	case !slices.Equal(earlier.Gates, r.Gates):
		return nil, fmt.Errorf("it had the gates %v, not %v", earlier.Gates, r.Gates)
	}
	return slices.DeleteFunc(slices.Clone(earlier.Steps), func(s Step) bool { return s.Verdict == Own }), nil
}
