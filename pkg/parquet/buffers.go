package parquet

// segmentBytes is the unit in which encoded pages are held. Small enough for
// a column with little to hold, large enough for few writes to the destination.
const segmentBytes = 64 << 10

// Buffers is memory for encoded pages that goes from row group to row group,
// and between the writers that share it: then all of them together need
// what they hold at a time, not what each of them held at most. It belongs to
// one goroutine, like the writers.
type Buffers struct {
	free [][]byte
}

// spool is a sequence of bytes in segments, so that it grows without being
// copied and leaves nothing for the garbage collector.
type spool struct {
	segments [][]byte
	size     int
}

// append adds a copy of p after the others.
func (s *spool) append(p []byte, buffers *Buffers) {
	s.size += len(p)
	for len(p) > 0 {
		last := len(s.segments) - 1
		if last < 0 || len(s.segments[last]) == segmentBytes {
			s.segments = append(s.segments, buffers.take())
			last++
		}
		segment := s.segments[last]
		n := min(len(p), segmentBytes-len(segment))
		s.segments[last] = append(segment, p[:n]...)
		p = p[n:]
	}
}

// writeTo writes all bytes with write.
func (s *spool) writeTo(write func(p []byte) error) error {
	for _, segment := range s.segments {
		if err := write(segment); err != nil {
			return err
		}
	}
	return nil
}

// release gives the memory back.
func (s *spool) release(buffers *Buffers) {
	buffers.free = append(buffers.free, s.segments...)
	clear(s.segments)
	s.segments, s.size = s.segments[:0], 0
}

func (b *Buffers) take() []byte {
	if last := len(b.free) - 1; last >= 0 {
		segment := b.free[last]
		b.free[last] = nil
		b.free = b.free[:last]
		return segment[:0]
	}
	return make([]byte, 0, segmentBytes)
}
