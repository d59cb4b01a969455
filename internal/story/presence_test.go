package story

import "testing"

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
