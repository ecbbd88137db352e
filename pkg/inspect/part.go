package inspect

import "slices"

// Part is what stands in a segment of a key.
type Part struct {
	Values           // the whole segment
	Tail    *Sketch  // the id after its word; nil if that is not known
	Mixed   bool     // the word was longer in some items, so ids after it were compared with nothing
	Shifted bool     // the end of a delimiter stands before it in some items
	watch   watch    // some of its values, and what their items say
	hashes  []uint64 // of all values, as long as few are equal
	gaveUp  bool     // too many were equal, or there were too many
	repeats bool     // too many were equal
}

// maxHashes is how many values of a segment are proved to differ, 8 MB.
const maxHashes = 1 << 20

func (p *Part) add(text, id []byte, h uint64) {
	p.Values.add(text, h)
	if p.Tail != nil {
		tail := h
		if len(id) != len(text) {
			tail = hash(id)
		}
		p.Tail.add(tail)
	}
	if p.gaveUp {
		return
	}
	p.hashes = append(p.hashes, h)
	few := p.Count == 4*sketchSize && p.Sketch.Distinct() < p.Count*3/4
	if few || len(p.hashes) >= maxHashes {
		p.hashes, p.gaveUp, p.repeats = nil, true, few
	}
}

// Unique reports whether no two items have the same value. It is known for up to
// a million items. Beyond, it is true if about as many values differ as there are,
// by an estimate that is off by 4 %.
func (p *Part) Unique() bool {
	if p.gaveUp {
		return !p.repeats && p.Sketch.Distinct()*100 >= p.Count*88
	}
	slices.Sort(p.hashes)
	for i := 1; i < len(p.hashes); i++ {
		if p.hashes[i] == p.hashes[i-1] {
			return false
		}
	}
	return true
}

// cutTail prepares for another word in front of the id. Which ids there were is
// known only if few values were seen.
func (p *Part) cutTail(from, to string) {
	if from == to && p.Tail != nil {
		return
	}
	p.Tail = nil
	if p.Enum == nil {
		return
	}
	p.Tail = &Sketch{}
	for text := range p.Enum {
		p.Tail.add(hash([]byte(text[min(len(to), len(text)):])))
	}
}

func (p *Part) merge(q *Part) {
	p.Values.merge(&q.Values)
	if p.Tail != nil && q.Tail != nil {
		p.Tail.merge(q.Tail)
	} else {
		p.Tail = nil
	}
	p.watch.merge(&q.watch)
	p.repeats = p.repeats || q.repeats
	p.Mixed, p.Shifted = p.Mixed || q.Mixed, p.Shifted || q.Shifted
	if p.gaveUp || q.gaveUp || len(p.hashes)+len(q.hashes) >= maxHashes {
		p.hashes, p.gaveUp = nil, true
		return
	}
	p.hashes = append(p.hashes, q.hashes...)
}

// Depends returns whether each value of the segment goes with one value of an
// attribute, and how many values with several items say so.
func (p *Part) Depends(attribute string) (depends bool, on int) {
	for _, w := range p.watch.values {
		if w.differs[attribute] {
			return false, 0
		}
		if w.says[attribute].items > 1 {
			on++
		}
	}
	return on > 0, on
}

// watch follows the values with the smallest hashes, so that it is always the
// same ones, and all their items are seen.
type watch struct {
	values map[uint64]*watched
	limit  uint64 // values from here on are not watched; 0 for none
}

type watched struct {
	says    map[string]said
	differs map[string]bool
}

type said struct {
	hash  uint64
	items int64
}

// maxWatched is how many values of a segment are watched.
const maxWatched = 48

// follow returns what is to be told about the value; nil if it is not watched.
func (w *watch) follow(h uint64) *watched {
	if w.limit != 0 && h >= w.limit {
		return nil
	}
	if v, ok := w.values[h]; ok {
		return v
	}
	if w.values == nil {
		w.values = map[uint64]*watched{}
	}
	w.values[h] = &watched{says: map[string]said{}, differs: map[string]bool{}}
	w.trim()
	return w.values[h]
}

func (w *watch) trim() {
	for len(w.values) > maxWatched {
		var top uint64
		for h := range w.values {
			top = max(top, h)
		}
		delete(w.values, top)
		w.limit = top
	}
}

func (w *watch) merge(o *watch) {
	if o.limit != 0 && (w.limit == 0 || o.limit < w.limit) {
		w.limit = o.limit
	}
	for h, v := range o.values {
		mine, ok := w.values[h]
		if !ok {
			if w.values == nil {
				w.values = map[uint64]*watched{}
			}
			w.values[h] = v
			continue
		}
		for name, s := range v.says {
			mine.say(name, s)
		}
		for name := range v.differs {
			mine.differs[name] = true
		}
	}
	for h := range w.values {
		if w.limit != 0 && h >= w.limit {
			delete(w.values, h)
		}
	}
	w.trim()
}

func (w *watched) say(attribute string, s said) {
	was, ok := w.says[attribute]
	if ok && was.hash != s.hash {
		w.differs[attribute] = true
	}
	w.says[attribute] = said{s.hash, was.items + s.items}
}

// Known reports whether Sketch has the values of the segment.
func (p *Part) Known() bool { return p.Sketch.Distinct() > 0 }
