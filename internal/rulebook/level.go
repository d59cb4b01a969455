package rulebook

var levels = [...]string{Receives: "receives", Secure: "secure", Correct: "correct", Robust: "robust"}

// String is the name of the level.
func (l Level) String() string { return levels[l] }

// Levels lists the levels, the first to be reached first.
func Levels() []Level { return []Level{Receives, Secure, Correct, Robust} }
