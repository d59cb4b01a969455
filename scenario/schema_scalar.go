package scenario

import "github.com/ringback/ringback/internal/story"

// shapeDefs names the definitions of shapes whose form is used in many places.
var shapeDefs = [...]string{
	shapeName: "name", shapeIdentifier: "identifier", shapeText: "text", shapeSpan: "span",
	shapeSteps: "steps", shapePercent: "percent", shapeTimes: "times", shapeCount: "count",
	shapeWeight: "number", shapeGUID: "guid", shapeRate: "rate", shapeAssume: "assume",
	shapeTime: "time", shapeFile: "text",
}

// scalarForms are the definitions of what is written in one word.
func scalarForms() props {
	zero := 0
	return props{
		{"name", form{Description: "a name of letters, digits, - and _",
			Type: []string{"string", "boolean"}, Pattern: nameForm.String()}},
		{"identifier", form{Description: "lower-case letters and digits joined by hyphens",
			Type: []string{"string", "number", "boolean"}, MaxLength: 64, Pattern: identifierForm.String()}},
		{"text", form{Description: "a text; numbers are taken as they are written",
			Type: []string{"string", "number", "boolean"}, Pattern: `\S`}},
		{"percent", form{Description: "a percentage from 0% to 100%, such as 20% or 0.5%",
			Type: "string", Pattern: `^0*(100(\.0{1,9})?|[0-9]{1,2}(\.[0-9]{1,9})?)%$`}},
		{"times", described("how often, such as 3 or 2..4",
			either(form{Type: "integer", Minimum: 1}, form{Type: "string", Pattern: `^[0-9]+(\.\.[0-9]+)?$`}))},
		{"count", described("a whole number from 1",
			either(form{Type: "integer", Minimum: 1}, form{Type: "string", Pattern: `^0*[1-9][0-9]*$`}))},
		{"number", described("a number above 0",
			either(form{Type: "number", ExclusiveMinimum: &zero}, form{Type: "string", Pattern: `^[0-9]{1,9}(\.[0-9]{1,9})?$`}))},
		{"guid", form{Description: "8-4-4-4-12 hexadecimal digits",
			Type: "string", Pattern: `^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`}},
		{"rate", form{Description: "a rate such as 5/s, 0.5/s, 300/m or 20/h",
			Type: "string", Pattern: `^\s*[0-9]+(\.[0-9]{1,6})?/[smh]\s*$`}},
		{"time", form{Description: "a time such as 500ms, 30s or 2m30s; units are h, m, s and ms",
			Type: "string", Pattern: `^\s*` + story.TimePattern + `\s*$`}},
		{"span", spanForm()},
	}
}

// spanForm is a time, a range, or a distribution by the table of the laws.
func spanForm() form {
	law := object(nil)
	var known []string
	for _, l := range spanLaws() {
		known = append(known, l.name)
		law.Properties = append(law.Properties, prop{l.name, described("such as "+l.name+": "+l.example, l.form())})
	}
	law.Properties = append(law.Properties,
		prop{"min", described("shorter times become this", refer("time"))},
		prop{"max", described("longer times become this", refer("time"))})
	law.OneOf = oneNeeded(known)
	text := form{Type: "string", Pattern: `^\s*` + story.TimePattern + `\s*(\.\.\s*` + story.TimePattern + `\s*)?$`}
	return described("a time such as 30s, a range such as 5s..20s, or a distribution", either(text, law))
}

func (l *spanLaw) form() form {
	switch l.name {
	case "choice":
		return form{Type: "array", Items: ref("time"), MinItems: 1, MaxItems: maxPoints}
	case "empirical":
		pair := form{Type: "array", PrefixItems: []form{refer("time"), refer("number")}, MinItems: 2, MaxItems: 2}
		return form{Type: "array", Items: &pair, MinItems: 1, MaxItems: maxPoints}
	}
	f := object(nil)
	for _, p := range l.params {
		value := refer("number")
		if p.isTime {
			value = refer("time")
		}
		f.Properties = append(f.Properties, prop{p.name, value})
		f.Required = append(f.Required, p.name)
	}
	return f
}
