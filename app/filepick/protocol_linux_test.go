package filepick

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestARequestIsReadAsItWasWritten(t *testing.T) {
	want := job{request: Request{Title: "Öffnen", Dir: "/d\xff", Name: "a\nb"}, save: true}
	r, w := io.Pipe() // which stays open, as the pipe to a child does
	defer r.Close()
	go writeJob(w, want)
	if got, err := readJob(r); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestABrokenRequestLeavesNoDialog(t *testing.T) {
	for _, said := range []string{"", "{", `{"dir":7}`, `{"title":"` + strings.Repeat("x", 2*maxMessage) + `"}`} {
		var out bytes.Buffer
		serve(strings.NewReader(said), &out, func(job) (string, error) {
			t.Errorf("%.20q opened a dialog", said)
			return "", nil
		})
		if path, err := readAnswer(out.Bytes()); path != "" || err == nil || err == ErrCancelled {
			t.Errorf("%.20q was answered with %q, %v", said, path, err)
		}
	}
}

func TestOnlyAPathOrCancelledIsTakenForAnAnswer(t *testing.T) {
	for _, c := range []struct {
		name, said, path, problem string
	}{
		{"a path", `{"path":"L2E="}` + "\n", "/a", ""},
		{"the last line counts", "noise\n" + `{"path":"L2E="}` + "\n\n", "/a", ""},
		{"cancelled", `{"cancelled":true}`, "", ErrCancelled.Error()},
		{"a problem", `{"problem":"no display"}`, "", "no display"},
		{"a problem beats a path", `{"path":"L2E=","problem":"no display"}`, "", "no display"},
		{"nothing", " \n", "", "the dialog's process ended without an answer"},
		{"an empty path", `{}`, "", "the dialog's process answered with an empty path"},
		{"no object", "Gtk-WARNING", "", "read the answer of the dialog's process: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, err := readAnswer([]byte(c.said))
			if path != c.path || (err == nil) != (c.problem == "") {
				t.Fatalf("got %q, %v, want %q, %q", path, err, c.path, c.problem)
			}
			if err != nil && !strings.HasPrefix(err.Error(), c.problem) {
				t.Fatalf("got %v, want %s", err, c.problem)
			}
		})
	}
}
