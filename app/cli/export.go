package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wirebench/sessions/capture"
)

func exportCommand(s streams) *cobra.Command {
	var as, to string
	var by framings
	c := &cobra.Command{
		Use:   "export CAPTURE",
		Short: "Write a capture in another form",
		Long: `CAPTURE is a pcapng or pcap file, or what the segments of one session have in common:
the name of its first segment without "-0001.pcapng".

With --framing, jsonl and hexdump have frames in place of reads and writes, in the order in which they ended, as
"wirebench tcp --json --framing" prints them. Its help lists the framings.`,
		Args: exactly(1, "one capture"),
	}
	c.Flags().StringVar(&as, "as", string(capture.AsPcapng), "form: "+formats())
	c.Flags().StringVarP(&to, "output", "o", "-", "file to write; - is standard output")
	c.Flags().Var(parsed(&by, "framing", parseFramings), "framing", "write frames, cut as this says (lf, u16be, xml, in=lf,out=u8...), in place of reads and writes")
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(capture.Formats(), capture.Format(as)) {
			return usage("--as %s: there is no such form; there are %s", as, formats())
		}
		if f := capture.Format(as); !by.raw() && f != capture.AsJSONL && f != capture.AsHexdump {
			return usage("--framing: %s has no place for frames; choose --as %s or %s", as, capture.AsJSONL, capture.AsHexdump)
		}
		if to != "-" {
			return export(c.Context(), s, args[0], capture.Format(as), by, to)
		}
		return interruptible(c.Context(), stuckOutput, func() error {
			return export(c.Context(), s, args[0], capture.Format(as), by, to)
		})
	}
	return c
}

func formats() string {
	var names []string
	for _, f := range capture.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

func export(ctx context.Context, s streams, name string, as capture.Format, by framings, to string) error {
	files, err := captureFiles(name)
	if err != nil {
		return err
	}
	log, err := capture.OpenFiles(ctx, files...)
	if err != nil {
		return err
	}
	defer log.Release()
	for _, w := range log.Warnings() {
		fmt.Fprintln(s.err, "wirebench:", w)
	}
	var pieces capture.Pieces // nil for reads and writes
	if !by.raw() {
		x, err := newFrameExport(ctx, log, by)
		if err != nil {
			return err
		}
		defer x.index.Close()
		pieces = x.until
	}
	switch {
	case to != "-" && pieces != nil:
		return capture.ExportPiecesFile(ctx, to, log, as, pieces, nil)
	case to != "-":
		return capture.ExportFile(ctx, to, log, as, nil)
	}
	b := bufio.NewWriterSize(s.out, 1<<20)
	if pieces != nil {
		err = capture.ExportPieces(ctx, b, log, as, pieces, nil)
	} else {
		err = capture.Export(ctx, b, log, as, nil)
	}
	if err != nil {
		return err
	}
	return b.Flush()
}

// segmentNumber is how the segments of a session are told apart.
var segmentNumber = regexp.MustCompile(`^\d{4,}$`)

// captureFiles finds what a person named: a file, or the segments of a session,
// which [capture.OpenFiles] puts in order.
func captureFiles(name string) ([]string, error) {
	if _, err := os.Stat(name); err == nil {
		return []string{name}, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	dir, base := filepath.Split(name)
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	var files []string
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), base+"-")
		if number, isFile := strings.CutSuffix(number, ".pcapng"); ok && isFile && segmentNumber.MatchString(number) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("open %s: there is no such file, and no segments of that name", name)
	}
	return files, nil
}
