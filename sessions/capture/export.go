package capture

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"

	"wirebench/sessions/inspect"
)

// Format names what an export is written as.
type Format string

const (
	// AsPcapng is one pcapng file for Wireshark and its kind. A capture of another program is copied as it is if it
	// is pcapng, and wrapped packet by packet if it is pcap.
	AsPcapng Format = "pcapng"
	// AsHexdump is text: a line about each record, and its payload as hexdump -C shows it.
	AsHexdump Format = "hexdump"
	// AsJSONL is one JSON object a line, as the command line prints them, with a summary at the end. Each line about a
	// connection names its peer.
	AsJSONL Format = "jsonl"
	// AsRawIn is the payload that came in, and nothing else: the bytes of InOnly, at their offsets. What came from
	// several connections at a time is in the order in which it came; [Log.ReadFlow] reads what one of them sent.
	AsRawIn Format = "raw-in"
	// AsRawOut is the payload that went out, and nothing else, in the same manner.
	AsRawOut Format = "raw-out"
)

// Formats returns all formats.
func Formats() []Format { return []Format{AsPcapng, AsHexdump, AsJSONL, AsRawIn, AsRawOut} }

// exportTime is RFC 3339 with all nine digits of the nanoseconds, so that columns stay columns.
const exportTime = "2006-01-02T15:04:05.000000000Z07:00"

// Export writes what is readable when it is called to w. Records that the log evicts meanwhile are still written;
// their disk space comes free afterwards.
//
// What the log evicted before, or lost while capturing was stopped, is told where the format has a place for it: in
// the section header's comments (pcapng), in a first line that begins with # (hexdump), or in the summary (jsonl).
//
// progress, which may be nil, is told now and then how many bytes of the files are done of how many, from the calling
// goroutine. The error is that of ctx, of an unknown format, of reading the files, or of w, and says which.
func Export(ctx context.Context, w io.Writer, l *Log, f Format, progress func(done, total int64)) error {
	var to exporter
	switch f {
	case AsPcapng:
		return exportPcapng(ctx, w, l, progress)
	case AsHexdump:
		to = &hexdumpExporter{}
	case AsJSONL:
		to = &jsonlExporter{}
	case AsRawIn:
		to = rawExporter(In)
	case AsRawOut:
		to = rawExporter(Out)
	default:
		return fmt.Errorf("export: there is no format %q; choose one of %v", f, Formats())
	}
	return exportAs(ctx, w, l, f, to, progress)
}

// exportAs writes the records of a log as to says.
func exportAs(ctx context.Context, w io.Writer, l *Log, f Format, to exporter, progress func(done, total int64)) error {
	runs, err := l.snapshot(0, true)
	if err != nil {
		return fmt.Errorf("export as %s: %w", f, err)
	}
	defer l.unpin(runs)
	out := bufio.NewWriterSize(writeErrors{w}, 256<<10)
	err = exportRecords(ctx, out, l, runs, to, progress)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("export as %s: %w", f, err)
	}
	return nil
}

// exporter writes a log record by record.
type exporter interface {
	begin(out *bufio.Writer, st Stats) error
	record(out *bufio.Writer, w *runReader) error
	end(out *bufio.Writer, st Stats) error
}

func exportRecords(ctx context.Context, out *bufio.Writer, l *Log, runs []run, to exporter, progress func(done, total int64)) error {
	st := l.Stats()
	if err := to.begin(out, st); err != nil {
		return err
	}
	meter := newMeter(runs, progress)
	var w runReader
	defer w.close()
	for _, r := range runs {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := w.load(l, r); err != nil {
			return err
		}
		for w.next() {
			if err := to.record(out, &w); err != nil {
				return fmt.Errorf("record %d: %w", w.number, err)
			}
		}
		if w.err != nil {
			return w.err
		}
		meter.add(r.size)
	}
	return to.end(out, st)
}

// writeErrors says of the errors of a writer that they came from writing: those of reading the capture pass the same
// way, and both may be about a full or failing disk.
type writeErrors struct{ w io.Writer }

func (w writeErrors) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		err = fmt.Errorf("write: %w", err)
	}
	return n, err
}

// rawExporter writes the payload of one direction.
type rawExporter Direction

func (rawExporter) begin(*bufio.Writer, Stats) error { return nil }

func (e rawExporter) record(out *bufio.Writer, w *runReader) error {
	if w.kind != Data || w.dir != Direction(e) {
		return nil
	}
	_, err := out.Write(w.payload)
	return err
}

func (rawExporter) end(*bufio.Writer, Stats) error { return nil }

// hexdumpExporter writes a line about each record and the dump of its payload.
type hexdumpExporter struct{ line []byte }

// missing says what is no longer in the log, or never was; "" if nothing.
func missing(st Stats) string {
	var b []byte
	if st.EvictedRecords > 0 {
		b = fmt.Appendf(b, "%d earlier records with %d bytes of payload were deleted to keep the capture within its disk budget",
			st.EvictedRecords, st.EvictedBytes)
	}
	if st.LostRecords > 0 {
		if len(b) > 0 {
			b = append(b, "; "...)
		}
		b = fmt.Appendf(b, "%d records with %d bytes of payload are missing because they could not be written", st.LostRecords, st.LostBytes)
	}
	return string(b)
}

func (e *hexdumpExporter) begin(out *bufio.Writer, st Stats) error {
	if m := missing(st); m != "" {
		_, err := fmt.Fprintf(out, "# %s\n\n", m)
		return err
	}
	return nil
}

func (e *hexdumpExporter) record(out *bufio.Writer, w *runReader) error {
	b := append(e.line[:0], "# "...)
	b = strconv.AppendInt(b, w.number, 10)
	b = append(b, "  "...)
	b = w.time().UTC().AppendFormat(b, exportTime)
	if w.dir == Out {
		b = append(b, "  ->  "...)
	} else {
		b = append(b, "  <-  "...)
	}
	if flow := w.flow(); flow.Remote.IsValid() {
		b = flow.Remote.AppendTo(b)
	} else {
		b = append(b, '-')
	}
	if w.kind == Data {
		b = append(b, "  "...)
		b = strconv.AppendInt(b, int64(len(w.payload)), 10)
		if wire := w.wireLen(); wire > len(w.payload) {
			b = append(b, " of "...)
			b = strconv.AppendInt(b, int64(wire), 10)
		}
		if b = append(b, " byte"...); len(w.payload) != 1 || w.wireLen() > 1 {
			b = append(b, 's')
		}
	} else {
		b = append(b, "  "...)
		b = append(b, w.kind.String()...)
	}
	if note := w.note(); len(note) > 0 {
		b = append(b, "  "...)
		b = append(b, inspect.Escape(note)...)
	}
	b = append(b, '\n')
	b = inspect.AppendHexDump(b, 0, w.payload)
	b = append(b, '\n')
	e.line = b
	_, err := out.Write(b)
	return err
}

func (e *hexdumpExporter) end(*bufio.Writer, Stats) error { return nil }
