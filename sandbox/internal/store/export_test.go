package store

// Pack lets deliveries of a notification be kept as a pack if there are so many of them.
func Pack(s *Store, fewest int) { s.fewest = fewest }

// Blocks makes blocks of so many notifications and deliveries, instead of those that are usual. There must be none.
func Blocks(s *Store, notifications, deliveries int64) {
	s.inBlock = [blockKinds]int64{notifications, deliveries}
}
