package app

import (
	"errors"
	"os"
	"path/filepath"
)

// writeWhole writes data into the file path, all or nothing, for its owner
// alone. It is for beside the window: a disk can take its time.
func writeWhole(path string, data []byte) error {
	out, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = out.Write(data)
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
