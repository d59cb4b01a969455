package store

import "fmt"

// little is the space on a volume, in bytes, with which transactions may meet its end.
const little = 1 << 20

// leastLimit is the least limit of a state, in bytes, however small its volume is: with less, its own tables would take most of it.
const leastLimit = 1 << 20

// withinVolume is Options.KeepMost, or what the volume has space for: a state that fills it would stop deliveries, and could not be made
// smaller, since deleting needs space as well.
func (s *Store) withinVolume() int64 {
	if s.volume = s.shareOfVolume(); s.volume == 0 {
		return s.options.KeepMost
	}
	return max(s.volume, leastLimit)
}

// shareOfVolume is 15/16 of what the state can have on its volume, in bytes, or 0 where that is as much as Options.KeepMost, or not
// known. What the files have already is counted in, so that each start finds the same.
func (s *Store) shareOfVolume() int64 {
	most := s.options.KeepMost
	free, known := spaceAt(s.path + "-lock") // which is there, unlike the file of a first start
	if !known || free/16*15 >= uint64(most) {
		return 0
	}
	if share := (int64(free) + s.size()) / 16 * 15; share < most {
		return share
	}
	return 0
}

// size is that of the files, in bytes.
func (s *Store) size() (bytes int64) {
	for _, end := range []string{"", "-wal", "-shm"} {
		bytes += max(0, sizeOf(s.path+end))
	}
	return bytes
}

// hasSpace reports whether the volume has space for a transaction, as far as that is known.
func (s *Store) hasSpace() bool {
	free, known := spaceAt(s.path)
	return !known || free >= uint64(min(s.bounds.wal, little))
}

// mostText says how large the files may be, and why that is less than Options.KeepMost where it is.
func (s *Store) mostText() string {
	if s.volume > 0 {
		return fmt.Sprintf("%d bytes, for which its volume had space at the start", s.bounds.most)
	}
	return fmt.Sprintf("%d bytes", s.bounds.most)
}
