package capture

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ExportFile writes what [Export] writes into the file at path, mode 0600. It writes beside the file and renames at the
// end, so that after a failure or a cancelled export what was there is still there. A symbolic link stays, and the file
// it leads to is replaced; a device or a pipe is written to. It refuses to replace a file that l is kept in.
func ExportFile(ctx context.Context, path string, l *Log, f Format, progress func(done, total int64)) error {
	return exportFile(path, l, func(w io.Writer) error { return Export(ctx, w, l, f, progress) })
}

// exportFile is ExportFile with what export writes.
func exportFile(path string, l *Log, export func(io.Writer) error) (err error) {
	name := path
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", name, err)
		}
	}()
	if there, err := os.Stat(path); err == nil {
		switch {
		case there.IsDir():
			return errors.New("that is a folder; name a file in it")
		case !there.Mode().IsRegular():
			return exportInto(path, export)
		}
		for _, own := range l.Files() {
			if st, err := os.Stat(own); err == nil && os.SameFile(st, there) {
				return errors.New("that is a file of the capture being written; choose another name")
			}
		}
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	}
	out, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(out.Name())
		}
	}()
	b := bufio.NewWriterSize(out, 1<<20)
	err = export(b)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = out.Sync()
	}
	if err2 := out.Close(); err == nil {
		err = err2
	}
	if err == nil {
		err = os.Rename(out.Name(), path)
	}
	return err
}

// exportInto writes to what is at path and is no file, such as /dev/null.
func exportInto(path string, export func(io.Writer) error) error {
	out, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = export(out)
	if err2 := out.Close(); err == nil {
		err = err2
	}
	return err
}
