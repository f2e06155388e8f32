package capture

import (
	"context"
	"io"
	"time"
)

// Log is a capture.
type Log struct{}

func Create(o Options) (*Log, error)                                            { return &Log{}, nil }
func OpenFiles(ctx context.Context, paths ...string) (*Log, error)              { return &Log{}, nil }
func (l *Log) Append(f Flow, d Direction, k Kind, payload []byte, note string)  {}
func (l *Log) Stats() Stats                                                     { return Stats{First: 1} }
func (l *Log) Version() uint64                                                  { return 0 }
func (l *Log) Wait(ctx context.Context, after uint64) (uint64, error)           { return 0, nil }
func (l *Log) Flush(ctx context.Context) error                                  { return nil }
func (l *Log) Record(number int64) (Record, error)                              { return Record{}, io.EOF }
func (l *Log) Records(from int64, dst []Record) (int, error)                    { return 0, io.EOF }
func (l *Log) ReadAt(s Stream, p []byte, off int64) (int, error)                { return 0, io.EOF }
func (l *Log) Payload(r Record, p []byte, off int) (int, error)                 { return 0, io.EOF }
func (l *Log) Spans(s Stream, off int64, n int, dst []Record) ([]Record, error) { return dst, nil }
func (l *Log) At(s Stream, off int64) (Record, error)                           { return Record{}, io.EOF }
func (l *Log) AtTime(t time.Time) (int64, error)                                { return 0, nil }
func (l *Log) Files() []string                                                  { return nil }
func (l *Log) Meta() Meta                                                       { return Meta{} }
func (l *Log) ReadOnly() bool                                                   { return false }
func (l *Log) Warnings() []string                                               { return nil }
func (l *Log) Resume() error                                                    { return nil }
func (l *Log) Close() error                                                     { return nil }
func (l *Log) Release() error                                                   { return nil }
func (l *Log) Delete() error                                                    { return nil }
