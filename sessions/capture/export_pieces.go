package capture

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"wirebench/sessions/inspect"
)

// Piece is what an export has in place of records with data, such as a frame.
type Piece struct {
	Number int64 // in the order of the pieces, from 1
	At     time.Time
	Dir    Direction
	Flow   Flow
	Data   []byte // all of it, or a part; good until the call returns
	Offset int64  // of Data in the whole: parts beyond the first go on with the piece before, and are not counted
	Words  string // what else there is to say of it; "" for nothing
	Event  any    // what AsJSONL writes of it
}

// Pieces hands over, in order, those that are to stand ahead of what happened with a record that is no data, and all
// that are left with math.MaxInt64. Its error ends the export.
type Pieces func(record int64, emit func(*Piece) error) error

// ExportPieces is [Export] with pieces in place of the records with data, as AsHexdump or AsJSONL: the other formats have
// no place for them. The summary counts them as messages.
func ExportPieces(ctx context.Context, w io.Writer, l *Log, f Format, pieces Pieces, progress func(done, total int64)) error {
	to := &pieceExporter{pieces: pieces}
	switch f {
	case AsHexdump:
		to.exporter = &hexdumpExporter{}
	case AsJSONL:
		to.json = &jsonlExporter{}
		to.exporter = to.json
	default:
		return fmt.Errorf("export: %s has no place for frames; choose %s or %s", f, AsJSONL, AsHexdump)
	}
	return exportAs(ctx, w, l, f, to, progress)
}

// ExportPiecesFile is to [ExportPieces] what [ExportFile] is to [Export].
func ExportPiecesFile(ctx context.Context, path string, l *Log, f Format, pieces Pieces, progress func(done, total int64)) error {
	return exportFile(path, l, func(w io.Writer) error { return ExportPieces(ctx, w, l, f, pieces, progress) })
}

// pieceExporter leaves the records with data out, and writes pieces.
type pieceExporter struct {
	exporter
	json   *jsonlExporter // nil for text
	pieces Pieces
	line   []byte
}

func (e *pieceExporter) record(out *bufio.Writer, w *runReader) error {
	if w.kind != Data {
		if err := e.pieces(w.number, func(p *Piece) error { return e.piece(out, p) }); err != nil {
			return err
		}
		return e.exporter.record(out, w)
	}
	if e.json != nil {
		e.json.count(w)
	}
	return nil
}

func (e *pieceExporter) piece(out *bufio.Writer, p *Piece) error {
	if e.json != nil {
		switch {
		case p.Offset > 0:
		case p.Dir == In:
			e.json.sum.MessagesIn++
		default:
			e.json.sum.MessagesOut++
		}
		return e.json.encoder.Encode(p.Event)
	}
	b := append(e.line[:0], "# frame "...)
	b = strconv.AppendInt(b, p.Number, 10)
	b = append(b, "  "...)
	b = p.At.UTC().AppendFormat(b, exportTime)
	b = append(b, map[Direction]string{In: "  <-  ", Out: "  ->  "}[p.Dir]...)
	b = p.Flow.Remote.AppendTo(b)
	unit := " bytes"
	if len(p.Data) == 1 {
		unit = " byte"
	}
	b = append(strconv.AppendInt(append(b, "  "...), int64(len(p.Data)), 10), unit...)
	if p.Words != "" {
		b = append(append(b, "  "...), inspect.Escape([]byte(p.Words))...)
	}
	b = append(b, '\n')
	b = append(inspect.AppendHexDump(b, uint64(p.Offset), p.Data), '\n')
	e.line = b
	_, err := out.Write(b)
	return err
}

func (e *pieceExporter) end(out *bufio.Writer, st Stats) error {
	if err := e.pieces(math.MaxInt64, func(p *Piece) error { return e.piece(out, p) }); err != nil {
		return err
	}
	return e.exporter.end(out, st)
}
