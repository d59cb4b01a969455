package mischief_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/mischief"
)

func TestFaultsOfAnswersHaveAPlace(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "", "column 1: want a status from 200 to 599, hang or reset, got the end"},
		{"a word that is none", "503 x2, sometimes", `column 9: want a status from 200 to 599, hang or reset, got "sometimes"`},
		{"a status that HTTP does not end with", "100", `column 1: want a status from 200 to 599, hang or reset, got "100"`},
		{"a status too many", "200 503", `column 5: want retry-after, oversize, xN, P% or a comma, got "503"`},
		{"an answer missing behind a comma", "503 x1,", "column 8: want a status from 200 to 599, hang or reset, got the end"},
		{"no times at all", "503 x0, 200", `column 5: want how often, from x1 to x1000000, got "x0"`},
		{"an answer behind the one for ever", "200, 503 x2", `column 4: want xN: an answer without it is the last one, got ","`},
		{"shares that are too few", "200 90%, 500 1%", "column 14: the percentages add up to 91%, want 100%"},
		{"a share that is missing", "200 99%, 500", "column 13: want a percentage, as the first answer has one, got the end"},
		{"a count in a mix", "200 99%, 500 x1", `column 14: want a percentage, as the first answer has one, got "x1"`},
		{"a share in a script", "503 x1, 200 50%", `column 13: want xN, as the first answer has no percentage, got "50%"`},
		{"no share", "200 0%, 500 100%", `column 5: want retry-after, oversize, xN, P% or a comma, got "0%"`},
		{"two counts", "503 x1 x2, 200", `column 8: want a comma and another answer, or the end, got "x2"`},
		{"a time without a unit", "429 retry-after 30 x1, 200", `column 17: retry-after: want one time such as 30s, got "30"`},
		{"a range of times", "429 retry-after 1s..2s, 200", `column 17: retry-after: want one time such as 30s, got "1s..2s"`},
		{"a header of no answer", "hang retry-after 30s", `column 6: hang has no header and no body: want xN, P% or a comma, got "retry-after"`},
		{"letters of more than one byte before it", "503 x1, ünknown", `column 9: want a status from 200 to 599, hang or reset, got "ünknown"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := mischief.Parse(tt.text); err == nil || err.Error() != tt.want {
				t.Errorf("error = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestShares(t *testing.T) {
	for text, want := range map[string]float64{"1%": 0.01, "0.5%": 0.005, "100%": 1, "0%": 0, "101%": 0, "1": 0, "%": 0, "NaN%": 0, "-1%": 0} {
		got, err := mischief.ParseShare(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("share of %q = %v, %v; want %v", text, got, err, want)
		}
	}
}

// statuses are the answers to one notification after the other, each so many times.
func statuses(t *testing.T, text string, ids ...int) []int {
	t.Helper()
	h := mischief.New(accepting(nil), mischief.Options{Answers: parse(t, text)})
	var got []int
	for _, id := range ids {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, notification(id))
		got = append(got, rec.Code)
	}
	return got
}

func TestScripts(t *testing.T) {
	tests := []struct {
		name, text string
		ids, want  []int
	}{
		{"each notification runs through the script", "503 x2, 200", []int{1, 2, 1, 1, 2, 2, 1}, []int{503, 503, 503, 200, 503, 200, 200}},
		{"the last answer is for all that follow", "500 x1, 503 x1", []int{1, 1, 1, 1}, []int{500, 503, 503, 503}},
		{"one answer is for all", "410", []int{1, 1, 2}, []int{410, 410, 410}},
		{"blanks do not matter", "  503   x1 ,202", []int{1, 1}, []int{503, 202}},
		{"no space is needed either", "503 x1,500 x1,204", []int{1, 1, 1}, []int{503, 500, 204}},
		{"a mix of one", "418 100%", []int{1, 2}, []int{418, 418}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := statuses(t, tt.text, tt.ids...); !slices.Equal(got, tt.want) {
				t.Errorf("answers = %v, want %v", got, tt.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"503 x2, 200", "200 99%, 500 1%", "429 retry-after 30s x1, 200", "200 oversize", "hang x1, reset x1, 200", ",,", "x1%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := mischief.Parse(text)
		var column int
		if err == nil {
			return
		}
		if _, scan := fmt.Sscanf(err.Error(), "column %d:", &column); scan != nil || column < 1 || column > len([]rune(text))+1 {
			t.Errorf("error %q has no place in %q", err, text)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q has several lines", err)
		}
	})
}
