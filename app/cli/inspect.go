package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"wirebench/sessions/charset"
	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

// inspectLimit is how much of a file is looked at from the offset on: of the
// longest value there is, a string, far less is shown.
const inspectLimit = 64 << 10

// hexLimit bounds hex text, which has to be read whole.
const hexLimit = 64 << 20

// The values of --order.
var inspectOrders = map[string][]inspect.Order{
	"both":   {inspect.Big, inspect.Little},
	"big":    {inspect.Big},
	"little": {inspect.Little},
}

func inspectCommand(s streams) *cobra.Command {
	var (
		offset, length       int64
		order, text          string
		hex, asJSON, listing bool
	)
	c := &cobra.Command{
		Use:   "inspect [FILE|-]",
		Short: "Show bytes as values in both byte orders",
		Long: `Reads FILE, or standard input for - or nothing, and shows the bytes at --offset as
integers, floats, varints, strings, times, addresses, colours and AMF objects,
big-endian beside little-endian. Taken for the length of a frame, they are said to end
inside the input, exactly at its end or so many bytes beyond it.

With --length those bytes are all there is; they are taken for one integer too, when
there are 1 to 16 of them, and for one text. Standard input is read to its end, or to
the end of those bytes.`,
		Example: `  wirebench inspect capture.bin --offset 0x40 --order little
  echo 00 05 48 65 6c 6c 6f | wirebench inspect --hex
  wirebench inspect names.dat --charset shift_jis --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("inspect takes one file, and %d were given", len(args))
			}
			return nil
		},
	}
	f := c.Flags()
	f.Int64Var(&offset, "offset", 0, "where to look, in bytes; 0x begins a hexadecimal number")
	f.Int64Var(&length, "length", 0, "how many bytes there are to look at; 0 for all")
	f.StringVar(&order, "order", "both", "byte order: big, little or both")
	f.StringVar(&text, "charset", "utf-8", "charset of strings; --charsets lists them")
	f.BoolVar(&listing, "charsets", false, "list the charsets, and look at nothing")
	f.BoolVar(&hex, "hex", false, "the input is hex text in any form, not bytes")
	f.BoolVar(&asJSON, "json", false, "print one JSON object a line")
	c.RunE = func(c *cobra.Command, args []string) error {
		cs, unknown := charset.Lookup(text)
		orders := inspectOrders[order]
		switch {
		case offset < 0:
			return usage("--offset %d is negative", offset)
		case length < 0:
			return usage("--length %d is negative", length)
		case orders == nil:
			return usage("--order %s: write big, little or both", order)
		case unknown != nil:
			return usage("--charset: %v", unknown)
		case listing && len(args) > 0:
			return usage("--charsets looks at no file: leave %s out", args[0])
		}
		if listing {
			return printCharsets(s.out, asJSON)
		}
		name := "-"
		if len(args) == 1 {
			name = args[0]
		}
		return interruptible(c.Context(), 0, func() error {
			p, err := readPlace(s, name, hex, offset, length)
			if err != nil {
				return err
			}
			if length > 0 {
				p.Selected = len(p.Bytes)
			}
			if asJSON {
				return printRowsJSON(s.out, p, cs, orders)
			}
			return printRows(s.out, p, cs, orders)
		})
	}
	return c
}

// readPlace returns what stands at offset, of at most length bytes if that is
// not zero. No more than inspectLimit of them are at hand, but all are counted.
func readPlace(s streams, name string, hex bool, offset, length int64) (inspect.Place, error) {
	in, title, size := s.in, "standard input", int64(0)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return inspect.Place{}, err
		}
		defer f.Close()
		in, title = f, name
		// What is no plain file, or says that it is empty as those of /proc do,
		// is read as a stream is.
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
	}
	var p inspect.Place
	var err error
	switch {
	case hex:
		p, err = readHex(in, offset, length)
	case size > 0:
		p, err = readFileAt(in.(*os.File), size, offset, length)
	default:
		p, err = readStream(in, offset, length)
	}
	if err != nil {
		return p, fmt.Errorf("read %s: %w", title, err)
	}
	return p, nil
}

// behind is the error for an offset the input does not reach.
func behind(offset, size int64) error {
	return fmt.Errorf("offset %d is behind its end at %d", offset, size)
}

// within gives the offset behind the last byte to look at: size, or where length
// bytes from offset on end.
func within(size, offset, length int64) int64 {
	if length > 0 && length < size-offset {
		return offset + length
	}
	return size
}

func readHex(in io.Reader, offset, length int64) (inspect.Place, error) {
	p := inspect.Place{Offset: offset}
	text, err := io.ReadAll(io.LimitReader(in, hexLimit+1))
	if err != nil {
		return p, err
	}
	if len(text) > hexLimit {
		return p, fmt.Errorf("more than %d bytes of hex text", hexLimit)
	}
	b, err := compose.Hex(string(text))
	if err != nil {
		return p, err
	}
	if offset > int64(len(b)) {
		return p, behind(offset, int64(len(b)))
	}
	p.Total = within(int64(len(b)), offset, length)
	p.Bytes = b[offset:p.Total]
	return p, nil
}

func readFileAt(f *os.File, size, offset, length int64) (inspect.Place, error) {
	p := inspect.Place{Offset: offset}
	if offset > size {
		return p, behind(offset, size)
	}
	p.Total = within(size, offset, length)
	p.Bytes = make([]byte, min(inspectLimit, p.Total-offset))
	n, err := f.ReadAt(p.Bytes, offset)
	if errors.Is(err, io.EOF) { // it became shorter since
		p.Bytes, p.Total, err = p.Bytes[:n], offset+int64(n), nil
	}
	return p, err
}

func readStream(in io.Reader, offset, length int64) (inspect.Place, error) {
	p := inspect.Place{Offset: offset}
	if skipped, err := io.CopyN(io.Discard, in, offset); errors.Is(err, io.EOF) {
		return p, behind(offset, skipped)
	} else if err != nil {
		return p, err
	}
	if length > 0 {
		in = io.LimitReader(in, length)
	}
	var err error
	if p.Bytes, err = io.ReadAll(io.LimitReader(in, inspectLimit)); err != nil {
		return p, err
	}
	more, err := io.Copy(io.Discard, in)
	p.Total = offset + int64(len(p.Bytes)) + more
	return p, err
}

// valueText is the value for a person, or in brackets why there is none.
func valueText(v inspect.Value) string {
	switch {
	case v.Missing == 1:
		return "(needs 1 more byte)"
	case v.Missing > 1:
		return fmt.Sprintf("(needs %d more bytes)", v.Missing)
	case v.Problem != "":
		return "(" + v.Problem + ")"
	}
	return strings.TrimRight(v.Text, " ")
}
