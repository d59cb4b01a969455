package rulebook

var levels = [...]string{Receives: "receives", Secure: "secure", Correct: "correct", Robust: "robust"}

// String is the name of the level.
func (l Level) String() string { return levels[l] }

// Levels lists the levels, the first to be reached first.
func Levels() []Level { return []Level{Receives, Secure, Correct, Robust} }

// About says what a consumer does that has reached the level.
func (l Level) About() string { return about[l] }

var about = [...]string{Receives: "takes what is sent, whatever its form", Secure: "believes only what is signed",
	Correct: "tells the truth about what happened", Robust: "also when much happens at once, and when it crashes"}
