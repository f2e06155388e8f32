package filepick

import (
	"io"
	"os"
	"runtime"
)

// Serve shows one dialog for the process that started this one, when it was
// started for that, and reports whether it was: true means that the work is
// done and the program is to end. It reads the request from standard input and
// writes the answer to standard output. When standard input ends, the asking
// process has gone, and this one ends with status 0, dialog or not.
//
// It must be called on the main goroutine, before anything else is started:
// GTK was initialised on the main thread and wants all its calls from there.
func Serve() bool {
	if os.Getenv(childVariable) == "" {
		return false
	}
	// What GTK may start must not take itself for such a child.
	os.Unsetenv(childVariable)
	serve(os.Stdin, os.Stdout, run)
	return true
}

// serve is Serve with the dialog given. A request that cannot be read leaves
// without an answer, which the other side takes for no dialog at all.
func serve(in io.Reader, out io.Writer, show func(job) (string, error)) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	j, err := readJob(in)
	if err != nil {
		writeAnswer(out, "", err) // to someone who may have gone
		return
	}
	// Ends with the process, at the latest.
	go func() {
		io.Copy(io.Discard, in)
		os.Exit(0)
	}()
	path, err := show(j)
	writeAnswer(out, path, err) // an answer nobody reads is lost with the question
}
