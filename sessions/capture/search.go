package capture

import (
	"context"
	"errors"
	"fmt"
)

// Query says what to search for, and where. What to search for is exactly one of Literal, Letters, AnyOf and Expr.
type Query struct {
	// Literal is what to find: 1 to 65,536 bytes.
	Literal []byte
	// Mask, unless it is nil, is as long as Literal and has a bit set for every bit of it that counts. One at least
	// does. FoldCase is not obeyed beside it.
	Mask []byte
	// FoldCase matches letters of either case: those of ASCII if the literal is ASCII, and otherwise by Unicode's
	// simple folding, with the literal read as UTF-8.
	FoldCase bool
	// Letters are found one behind the other, each in any of the ways to write it. No way to write a letter is the
	// beginning of another way to write it. They come to 65,536 bytes at most.
	Letters [][][]byte
	// AnyOf is 1 to 64 literals, of which each is looked for. One that holds another of them is found as that one.
	AnyOf [][]byte
	// Expr is a regular expression. A match is found across the borders of records when it has no more than
	// [MaxCrossing] bytes.
	Expr *Expr
	// Stream is searched. In InOnly and OutOnly a match is a run of consecutive bytes of that stream. In Both it is
	// a run of consecutive bytes of one direction of one flow, whatever others sent in between: the pieces of a
	// sentence are found together, and bytes of different speakers are never taken for one.
	Stream Stream
	// From is an offset in Stream. A forward search finds matches that begin there or later, a backward search
	// those that end there or earlier. What lies outside of the kept bytes counts as their start or end.
	From int64
	// Backward finds the match nearest before From first.
	Backward bool
}

// Match is one place where the literal was found.
type Match struct {
	Off    int64 // offset of the first byte in Query.Stream
	Len    int   // bytes; with FoldCase beyond ASCII it may differ from the literal's
	Number int64 // record of the first byte
}

// maxAnyOf is how many literals are searched for at once.
const maxAnyOf = 64

func count(conditions ...bool) (n int) {
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}

// check says what is wrong with the query, and brings From into range.
func (q *Query) check() error {
	q.From = max(q.From, 0)
	n := len(q.Literal)
	for _, ways := range q.Letters {
		most := 0
		for _, w := range ways {
			most = max(most, len(w))
			if len(w) == 0 {
				return errors.New("search: a letter to search for has a way to be written that is no byte")
			}
		}
		if most == 0 {
			return errors.New("search: a letter to search for has no way to be written")
		}
		n += most
	}
	for _, lit := range q.AnyOf {
		if len(lit) == 0 {
			return errors.New("search: nothing to search for")
		}
		n = max(n, len(lit))
	}
	open := q.Mask != nil // nothing but wildcards
	for _, m := range q.Mask {
		open = open && m == 0
	}
	switch {
	case n == 0 && q.Expr == nil:
		return errors.New("search: nothing to search for")
	case n > maxLiteral:
		return fmt.Errorf("search: what to find has %d bytes; at most %d can be searched for", n, maxLiteral)
	case count(len(q.Literal) > 0, q.Letters != nil, q.AnyOf != nil, q.Expr != nil) != 1:
		return errors.New("search: a query looks for one thing at a time")
	case len(q.AnyOf) > maxAnyOf:
		return fmt.Errorf("search: %d literals at once; at most %d can be searched for", len(q.AnyOf), maxAnyOf)
	case q.Mask != nil && len(q.Mask) != len(q.Literal):
		return fmt.Errorf("search: a mask of %d bytes for a literal of %d", len(q.Mask), len(q.Literal))
	case open:
		return errors.New("search: nothing but wildcards, which is everywhere")
	case q.Stream > OutOnly:
		return fmt.Errorf("search: there is no stream %d", q.Stream)
	}
	return nil
}

// Search finds what q asks for in what is readable when it is called, across the borders of records and segments.
// It calls found for each match, in the order of their offsets (backward: in falling order), until found returns
// false. Matches do not overlap: the search goes on behind a match it reported (backward: before it).
//
// progress, which may be nil, is told now and then how many bytes of the files are done of how many; the last call
// of a search that was not stopped has done == total. Both functions are called from the calling goroutine.
//
// The error is that of ctx, of a query that makes no sense, or of reading the files. Records evicted while the
// search runs are passed over. Search is safe for concurrent use.
func (l *Log) Search(ctx context.Context, q Query, found func(Match) bool, progress func(done, total int64)) error {
	if err := q.check(); err != nil {
		return err
	}
	switch {
	case q.Expr != nil && q.Backward:
		return newExprSearch(l, q, found, progress).backward(ctx)
	case q.Expr != nil:
		return newExprSearch(l, q, found, progress).forward(ctx)
	case q.Backward:
		return l.searchBackward(ctx, q, found, progress)
	}
	s := newForward(l, q, found, progress)
	return s.run(ctx)
}

// Count returns how many matches Search would report. On an error it returns how many were found until then.
func (l *Log) Count(ctx context.Context, q Query, progress func(done, total int64)) (int64, error) {
	if err := q.check(); err != nil {
		return 0, err
	}
	if q.Expr != nil {
		s := newExprSearch(l, q, nil, progress)
		search := s.forward
		if q.Backward {
			search = s.backward
		}
		err := search(ctx)
		return s.count, err
	}
	if q.Backward {
		var count int64
		err := l.searchBackward(ctx, q, func(Match) bool { count++; return true }, progress)
		return count, err
	}
	s := newForward(l, q, nil, progress)
	err := s.run(ctx)
	return s.count, err
}
