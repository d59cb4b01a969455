//go:build !race

package store_test

// kills is how many processes are killed while they write.
const kills = 50
