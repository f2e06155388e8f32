package amf

import "fmt"

// place is a place in one of the two tables of references.
type place struct {
	version Version
	n       int
}

// places gives the values that references mean their marks. Values are asked
// for in the order in which they are written, each once.
type places struct {
	root  Version
	meant map[place]bool
	next0 int // how many places were given in each version
	next3 int
}

func newPlaces(v *Value, version Version) places {
	p := places{root: version, meant: make(map[place]bool)}
	p.find(v, version, 0)
	return p
}

// inner is the version of the values in v.
func (v *Value) inner(version Version) Version {
	if v.Kind == Switched {
		return AMF3
	}
	return version
}

func (p *places) find(v *Value, version Version, depth int) {
	if depth >= MaxDepth {
		return
	}
	if v.Kind == Reference {
		p.meant[place{version, v.Ref}] = true
	}
	inner := v.inner(version)
	for i := range v.Members {
		p.find(&v.Members[i].Value, inner, depth+1)
	}
	for i := range v.Items {
		p.find(&v.Items[i], inner, depth+1)
	}
}

// mark gives the mark of v, such as "#3": of a reference the one of the value it
// means, of another value its own if a reference means it, or else nothing.
func (p *places) mark(v *Value, version Version) string {
	at := place{version, v.Ref}
	if v.Kind != Reference {
		if !v.Kind.referable(version) {
			return ""
		}
		next := &p.next0
		if version == AMF3 {
			next = &p.next3
		}
		at.n = *next
		*next++
		if !p.meant[at] {
			return ""
		}
	}
	if at.version != p.root {
		return fmt.Sprintf("%v #%d", at.version, at.n)
	}
	return fmt.Sprintf("#%d", at.n)
}
