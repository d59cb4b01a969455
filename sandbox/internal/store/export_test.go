package store

// Pack lets deliveries of a notification be kept as a pack if there are so many of them.
func Pack(s *Store, fewest int) { s.fewest = fewest }
