package main

// press does what a key stands for; the keys are SIPp's. It reports whether there is such a
// key.
func (s *steering) press(key byte) bool {
	const step = 1.1
	var err error
	switch key {
	case '+':
		err = s.multiply(step)
	case '-':
		err = s.multiply(1 / step)
	case '*':
		err = s.multiply(2)
	case '/':
		err = s.multiply(0.5)
	case 'p', 'P', ' ':
		s.togglePause()
	case 'q', 'Q':
		s.end() // once more stops at once, as with signals
	default:
		return false
	}
	_ = err // it is shown as the notice
	return true
}
