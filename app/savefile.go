package app

import (
	"errors"
	"os"
	"path/filepath"
)

// writeWhole is replaceFile for data that is there already.
func writeWhole(path string, data []byte) error {
	return replaceFile(path, func(out *os.File) error {
		_, err := out.Write(data)
		return err
	})
}

// replaceFile has the file path hold what write writes, all or nothing, for its
// owner alone: a crash leaves the old file or the new one and never half of
// one. It is for beside the window: a disk can take its time.
func replaceFile(path string, write func(out *os.File) error) error {
	out, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // CreateTemp makes it 0600
	if err != nil {
		return err
	}
	err = write(out)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(out.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(out.Name()))
	}
	return nil
}
