package show

import (
	"fmt"
	"strings"
)

// Given is a parameter of a scenario whose value no file has. It belongs to what repeats a run.
type Given struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"` // --set, or which variable
}

// String is such as hold=2m from --set, in one line.
func (g Given) String() string {
	return fmt.Sprintf("%s=%s from %s", g.Name, Line(g.Value, 100), g.From)
}

// Listed lists given parameters in one line; of many, the first ones.
func Listed(all []Given) string {
	const most = 10
	if len(all) == 0 {
		return "those of the files"
	}
	var texts []string
	for _, g := range all[:min(len(all), most)] {
		texts = append(texts, g.String())
	}
	if len(all) > most {
		texts = append(texts, fmt.Sprintf("%d more", len(all)-most))
	}
	return strings.Join(texts, ", ")
}

// With ends a line that says what repeats a run: with the given parameters, if there are any.
func With(all []Given) string {
	if len(all) == 0 {
		return ""
	}
	return ", with " + Listed(all)
}
