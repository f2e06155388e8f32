package describe

import (
	"bytes"
	"fmt"
	"math"
)

// Error is something in a certificate that could not be read.
type Error struct {
	Offset int    // where, in bytes from the certificate's first
	Text   string // what, safe to show
}

func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.Text) }

// Universal tags (X.680 section 8.6).
const (
	tagBoolean         = 1
	tagInteger         = 2
	tagBitString       = 3
	tagOctetString     = 4
	tagNull            = 5
	tagOID             = 6
	tagEnumerated      = 10
	tagUTF8String      = 12
	tagSequence        = 16
	tagSet             = 17
	tagNumericString   = 18
	tagPrintableString = 19
	tagT61String       = 20
	tagVideotexString  = 21
	tagIA5String       = 22
	tagUTCTime         = 23
	tagGeneralizedTime = 24
	tagGraphicString   = 25
	tagVisibleString   = 26
	tagGeneralString   = 27
	tagUniversalString = 28
	tagBMPString       = 30
)

// The classes of tags.
const (
	universal       = 0
	contextSpecific = 2
)

// maxWork bounds how many elements are stepped over in search of the ends of
// indefinite lengths, which can lie inside one another.
const maxWork = 1 << 20

// beyond stands for every length from 2 GiB on, which no certificate can have.
const beyond = math.MaxInt32

// maxNesting is how deep elements may lie in each other.
const maxNesting = 64

// element is one tag, length and content.
type element struct {
	class, tag  int
	constructed bool
	off         int    // of its first byte
	at          int    // of its content
	body        []byte // content; what there is of it when cut
	full        []byte // with tag and length
	deviation   string // how it is written that DER forbids; "" for not
	cut         string // why it ends early; "" for not
}

// header reads tag and length of the element at pos. The length is -1 when it
// is indefinite, and can go beyond the end.
func header(b []byte, pos, end int) (e element, length int, err *Error) {
	if pos >= end {
		return e, 0, &Error{pos, "the bytes end where an element was to follow"}
	}
	first, i := b[pos], pos+1
	e = element{class: int(first >> 6), tag: int(first & 0x1f), constructed: first&0x20 != 0, off: pos}
	if e.tag == 0x1f {
		e.tag = 0
		for more := true; more; i++ {
			if i >= end {
				return e, 0, &Error{pos, "the bytes end inside a tag"}
			}
			if e.tag > 1<<23 {
				return e, 0, &Error{pos, "the number of the tag is beyond all sense"}
			}
			e.tag = e.tag<<7 | int(b[i]&0x7f)
			more = b[i]&0x80 != 0
		}
		if e.tag < 0x1f || b[pos+1] == 0x80 {
			e.deviation = "the tag is written in more bytes than it needs"
		}
	}
	if i >= end {
		return e, 0, &Error{pos, fmt.Sprintf("the bytes end before the length of the %s", e.name())}
	}
	l := b[i]
	i++
	e.at = i
	switch {
	case l < 0x80:
		return e, int(l), nil
	case l == 0x80:
		if !e.constructed {
			return e, 0, &Error{pos, fmt.Sprintf("the length of the %s is indefinite, which only a constructed element may have", e.name())}
		}
		return e, -1, nil
	case l == 0xff:
		return e, 0, &Error{pos, fmt.Sprintf("the length of the %s begins with FF, which means nothing", e.name())}
	}
	n := int(l & 0x7f)
	if n > end-i {
		return e, 0, &Error{pos, fmt.Sprintf("the bytes end inside the length of the %s", e.name())}
	}
	digits := bytes.TrimLeft(b[i:i+n], "\x00")
	e.at = i + n
	if len(digits) > 4 || len(digits) == 4 && digits[0] >= 0x80 {
		return e, beyond, nil
	}
	for _, c := range digits {
		length = length<<8 | int(c)
	}
	if len(digits) < n || length < 0x80 {
		e.deviation = fmt.Sprintf("the length %d of the %s is written in more bytes than it needs", length, e.name())
	}
	return e, length, nil
}

// scan reads the element at pos. Where its length goes beyond the end it gets
// what there is and a reason in cut; work is what maxWork bounds.
func scan(b []byte, pos, end int, work *int) (element, *Error) {
	e, length, err := header(b, pos, end)
	if err != nil {
		return e, err
	}
	last := e.at + length
	switch {
	case length < 0:
		e.deviation = fmt.Sprintf("the length of the %s is indefinite", e.name())
		var inner int
		inner, last, e.cut = closing(b, e.at, end, work)
		length = inner - e.at
	case length > end-e.at:
		said := bytesText(length)
		if length == beyond {
			said = "more than 2 GiB"
		}
		e.cut = fmt.Sprintf("the %s is said to be %s long, and %s", e.name(), said, leftText(end-e.at))
		length, last = end-e.at, end
	}
	e.body, e.full = b[e.at:e.at+length:e.at+length], b[pos:last:last]
	return e, nil
}

// closing finds the end-of-contents octets that belong to an indefinite length
// whose content begins at pos: where they begin and where they end.
func closing(b []byte, pos, end int, work *int) (inner, last int, cut string) {
	open := 1
	for *work > 0 {
		*work--
		if pos+1 < end && b[pos] == 0 && b[pos+1] == 0 {
			if open--; open == 0 {
				return pos, pos + 2, ""
			}
			pos += 2
			continue
		}
		e, length, err := header(b, pos, end)
		switch {
		case err != nil:
			return end, end, fmt.Sprintf("the end of its indefinite length was not found: byte %d: %s", err.Offset, err.Text)
		case length > end-e.at:
			return end, end, fmt.Sprintf("the end of its indefinite length was not found: at byte %d the %s goes beyond the end", e.off, e.name())
		case length < 0:
			if open++; open > maxNesting {
				return end, end, fmt.Sprintf("more than %d indefinite lengths lie in each other", maxNesting)
			}
			pos = e.at
		default:
			pos = e.at + length
		}
	}
	return end, end, "too many elements to look for the end of its indefinite length"
}

// leftText says how many bytes are left.
func leftText(n int) string {
	switch n {
	case 0:
		return "nothing is left"
	case 1:
		return "1 byte is left"
	}
	return number(n) + " bytes are left"
}

// is reports whether the element has this universal tag.
func (e element) is(tag int) bool { return e.class == universal && e.tag == tag }

// reader goes through the elements of a piece of the certificate. What it meets
// that cannot be read, or that DER forbids, it tells the group.
type reader struct {
	g   *group
	pos int
	end int
}

// inside reads the content of e.
func (g *group) inside(e element) *reader { return &reader{g, e.at, e.at + len(e.body)} }

// more reports whether anything is left.
func (r *reader) more() bool { return r.pos < r.end }

// next reads an element. After a failure nothing is left.
func (r *reader) next() (element, bool) {
	e, err := scan(r.g.d.der, r.pos, r.end, &r.g.d.work)
	return r.take(e, err)
}

// take steps over what was scanned and tells what is wrong with it.
func (r *reader) take(e element, err *Error) (element, bool) {
	if err != nil {
		r.g.fail(err.Offset, "%s", err.Text)
		r.pos = r.end
		return e, false
	}
	if e.cut != "" {
		r.g.cut(e, r.end)
	}
	if e.deviation != "" {
		r.g.deviation(e.off, e.deviation)
	}
	r.pos = e.off + len(e.full)
	return e, true
}

// cut tells that e ends early. What lies in a cut element is cut in turn, which
// is told once in each group it concerns.
func (g *group) cut(e element, end int) {
	if g.d.cutAt == end && g.failed {
		return
	}
	g.d.cutAt = end
	g.fail(e.off, "%s", e.cut)
}

// want reads an element that has to have a universal tag and tells what it is
// when it has another.
func (r *reader) want(tag int, what string) (element, bool) {
	if !r.more() {
		r.g.fail(r.pos, "it ends before %s", what)
		return element{}, false
	}
	e, err := scan(r.g.d.der, r.pos, r.end, &r.g.d.work)
	if err == nil && (!e.is(tag) || e.constructed != (tag == tagSequence || tag == tagSet)) {
		// Told instead of a length that makes no sense, since what is no tag has no length.
		r.g.fail(e.off, "%s: expected %s, found %s", what, article(nameOf(universal, tag)), e.described())
		r.pos = r.end
		return e, false
	}
	return r.take(e, err)
}

// explicit reads the one element inside e, [n] EXPLICIT.
func (g *group) explicit(e element, tag int, what string) (element, bool) {
	if !e.constructed {
		g.fail(e.off, "%s: expected inside %s, which is primitive", what, article(e.name()))
		return element{}, false
	}
	in := g.inside(e)
	got, ok := in.want(tag, what)
	if ok {
		in.done(what)
	}
	return got, ok
}

// optional reads the next element when it is [n].
func (r *reader) optional(n int) (element, bool) {
	if !r.peek(contextSpecific, n) {
		return element{}, false
	}
	return r.next()
}

// peek reports whether the next element has this class and tag, below 31.
func (r *reader) peek(class, tag int) bool {
	if !r.more() {
		return false
	}
	b := r.g.d.der[r.pos]
	return int(b>>6) == class && int(b&0x1f) == tag
}

// done tells of bytes left over behind what was read last.
func (r *reader) done(what string) {
	if r.more() {
		r.g.deviation(r.pos, bytesText(r.end-r.pos)+" too many behind "+what)
		r.pos = r.end
	}
}
