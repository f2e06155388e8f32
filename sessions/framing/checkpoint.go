package framing

// checkpoint is what is known ahead of some record: enough to go on from there. It does not change.
type checkpoint struct {
	number int64  // of the record
	frames int64  // that ended ahead of it
	open   []kept // lanes in the middle of a frame, of each direction in the order of their last bytes
	clean  []idle // the others
}

// kept is a lane in the middle of a frame.
type kept struct {
	key   *laneKey
	seq   uint32
	state state
}

// idle is a lane between two frames.
type idle struct {
	key *laneKey
	seq uint32
}

// size is about how many bytes of memory the checkpoint takes.
func (c *checkpoint) size() int64 { return 64 + 128*int64(cap(c.open)) + 16*int64(cap(c.clean)) }

// checkpoint keeps the lanes as they are, ahead of a record.
func (t *lanes) checkpoint(number int64) *checkpoint {
	c := &checkpoint{number: number, frames: t.frames}
	c.open, c.clean = make([]kept, 0, t.open()), make([]idle, 0, len(t.byKey)-t.open())
	for _, l := range t.byKey {
		if !l.queued {
			c.clean = append(c.clean, idle{l.key, l.seq})
		}
	}
	for _, q := range t.begun {
		for l := q.front; l != nil; l = l.next {
			c.open = append(c.open, kept{l.key, l.seq, l.state})
		}
	}
	return c
}

// restore makes the lanes those of the checkpoint.
func (t *lanes) restore(c *checkpoint) {
	clear(t.byKey)
	t.last, t.begun, t.frames = [2]*lane{}, [2]queue{}, c.frames
	// One piece of memory for all.
	all := make([]lane, len(c.open)+len(c.clean))
	for i := range c.open {
		k, l := &c.open[i], &all[i]
		l.key, l.seq, l.state = k.key, k.seq, k.state
		t.byKey[*l.key] = l
		t.begun[l.key.dir].push(l)
	}
	for i, k := range c.clean {
		l := &all[len(c.open)+i]
		l.key, l.seq = k.key, k.seq
		t.byKey[*l.key] = l
	}
}

// find returns what is kept of the frame that begins with that byte, nil if it has not begun or has ended there.
func (c *checkpoint) find(k *laneKey, first int64, start int) *state {
	for i := range c.open {
		o := &c.open[i]
		if o.state.first == first && o.state.start == int32(start) && *o.key == *k {
			return &o.state
		}
	}
	return nil
}
