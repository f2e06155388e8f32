package filepick

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxMessage bounds a message between the two processes, in bytes. Linux ends
// paths at 4 KiB.
const maxMessage = 64 << 10

// jobMessage is what the child reads, one JSON object. Names on disk are bytes
// that need not be UTF-8, so they travel as such.
type jobMessage struct {
	Title string `json:"title,omitempty"`
	Dir   []byte `json:"dir,omitempty"`
	Name  []byte `json:"name,omitempty"`
	Save  bool   `json:"save,omitempty"`
	// Folder asks for a folder and no file.
	Folder bool `json:"folder,omitempty"`
}

// answerMessage is what the child writes, one JSON object on a line: a path, or
// that there is none, or why no dialog could be shown.
type answerMessage struct {
	Path      []byte `json:"path,omitempty"`
	Cancelled bool   `json:"cancelled,omitempty"`
	Problem   string `json:"problem,omitempty"`
}

func writeJob(w io.Writer, j job) error {
	r := j.request
	err := json.NewEncoder(w).Encode(jobMessage{Title: r.Title, Dir: []byte(r.Dir), Name: []byte(r.Name), Save: j.save, Folder: j.folder})
	if err != nil {
		return fmt.Errorf("ask the dialog's process: %w", err)
	}
	return nil
}

// readJob reads what writeJob wrote; it does not wait for the end of r.
func readJob(r io.Reader) (job, error) {
	var m jobMessage
	if err := json.NewDecoder(io.LimitReader(r, maxMessage)).Decode(&m); err != nil {
		return job{}, fmt.Errorf("read which dialog to show: %w", err)
	}
	return job{request: Request{Title: m.Title, Dir: string(m.Dir), Name: string(m.Name)}, save: m.Save, folder: m.Folder}, nil
}

func writeAnswer(w io.Writer, path string, err error) error {
	m := answerMessage{Path: []byte(path)}
	switch {
	case errors.Is(err, ErrCancelled):
		m = answerMessage{Cancelled: true}
	case err != nil:
		m = answerMessage{Problem: err.Error()}
	}
	return json.NewEncoder(w).Encode(m)
}

// readAnswer reads all that a child wrote. The answer is the last line, because
// what GTK loads may print too.
func readAnswer(said []byte) (string, error) {
	said = bytes.TrimSpace(said)
	if len(said) == 0 {
		return "", errors.New("the dialog's process ended without an answer")
	}
	var m answerMessage
	if err := json.Unmarshal(said[bytes.LastIndexByte(said, '\n')+1:], &m); err != nil {
		return "", fmt.Errorf("read the answer of the dialog's process: %w", err)
	}
	switch {
	case m.Problem != "":
		return "", errors.New(m.Problem)
	case m.Cancelled:
		return "", ErrCancelled
	case len(m.Path) == 0:
		return "", errors.New("the dialog's process answered with an empty path")
	}
	return string(m.Path), nil
}

// bounded keeps what is written to it, up to limit bytes, and fails beyond.
// The buffer is no embedded one, whose ReadFrom would know no limit.
type bounded struct {
	kept  bytes.Buffer
	limit int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.kept.Len()+len(p) > b.limit {
		return 0, fmt.Errorf("more than %d bytes", b.limit)
	}
	return b.kept.Write(p)
}
