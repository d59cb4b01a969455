package story

import (
	"testing"

	"github.com/ringback/ringback/scenario/assume"
)

func TestOnlyReadyIsSplitBySubcategory(t *testing.T) {
	subcategories := map[string]bool{}
	for _, p := range Presences() {
		c := p.Category
		if c.Type == "ready" && subcategories[c.Subcategory] || c.Type != "ready" && c.Subcategory != c.Type {
			t.Errorf("%s is %+v; want its category again, or for Ready a subcategory of its own", p.Word, c)
		}
		subcategories[c.Subcategory] = true
		if want := map[string]string{"ready": "Ready", "away": "Away", "extendedAway": "Extended Away", "loggedOut": "Logged Out"}[c.Type]; c.Description != want {
			t.Errorf("%s is of the category %q, want %q", p.Word, c.Description, want)
		}
	}
	if len(subcategories) != 3+3 {
		t.Errorf("got %v; want three of Ready, and one for each other category", subcategories)
	}
}

// Only what is assumed of a category follows the assumptions.
func TestAssumptionsMoveCategories(t *testing.T) {
	for _, c := range []struct {
		choice, value string
		want          map[string]string // of the presences that change
	}{
		{"absence-category", "away", map[string]string{"lunch": "away/away", "in-meeting": "away/away", "paperwork": "away/away", "team-meeting": "away/away", "training": "away/away"}},
		{"absence-category", "extendedAway", nil},
		{"offline-subcategory", "readyOutbound", map[string]string{"ready-offline": "ready/readyOutbound"}},
		{"offline-subcategory", "ready", map[string]string{"ready-offline": "ready/ready"}},
		{"offline-subcategory", "readyOffline", nil},
	} {
		var set assume.Set
		if err := set.Change(c.choice, c.value); err != nil {
			t.Fatal(err)
		}
		for _, p := range Presences() {
			want := p.Category.Type + "/" + p.Category.Subcategory
			if moved, ok := c.want[p.Word]; ok {
				want = moved
			}
			if got := CategoryOf(p, set); got.Type+"/"+got.Subcategory != want {
				t.Errorf("%s=%s: %s is %+v, want %s", c.choice, c.value, p.Word, got, want)
			}
		}
	}
}
