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

// check says what is wrong with the query, and brings From into range.
func (q *Query) check() error {
	q.From = max(q.From, 0)
	switch {
	case len(q.Literal) == 0:
		return errors.New("search: nothing to search for")
	case len(q.Literal) > maxLiteral:
		return fmt.Errorf("search: the text to find has %d bytes; at most %d can be searched for", len(q.Literal), maxLiteral)
	case q.Stream > OutOnly:
		return fmt.Errorf("search: there is no stream %d", q.Stream)
	}
	return nil
}

// Search finds the literal in what is readable when it is called, across the borders of records and segments.
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
	if q.Backward {
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
	if q.Backward {
		var count int64
		err := l.searchBackward(ctx, q, func(Match) bool { count++; return true }, progress)
		return count, err
	}
	s := newForward(l, q, nil, progress)
	err := s.run(ctx)
	return s.count, err
}
