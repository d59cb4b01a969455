// Package browser looks at the sandbox's page as its users do: in a browser.
//
// The page comes in, served once by a made-up sandbox with a thousand conversations and a hundred
// thousand deliveries, and once by ringback serve; what a person would see, with the keyboard alone,
// on a telephone and in the dark goes out, as tests, and the verdict of axe-core. It promises that what
// is measured was measured in that test. It never leaves the loopback interface.
package browser
