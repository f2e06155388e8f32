package capture

import (
	"context"
	"net/netip"
	"testing"
)

func TestANameGivenBeforeTheFirstRecordStandsInTheFile(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), Meta: Meta{Kind: "tcp"}})
	if err != nil {
		t.Fatal(err)
	}
	l.SetName("game:7777")
	f := Flow{Proto: TCP, Local: netip.MustParseAddrPort("127.0.0.1:1"), Remote: netip.MustParseAddrPort("127.0.0.1:2")}
	l.Append(f, Out, Open, nil, "")
	l.SetName("too late")
	files := func() []string {
		if err := l.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		return l.Files()
	}()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if got := l.Meta().Name; got != "game:7777" {
		t.Errorf("the log is called %q", got)
	}
	again, err := OpenFiles(context.Background(), files...)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Release()
	if got := again.Meta().Name; got != "game:7777" {
		t.Errorf("the file says %q", got)
	}
}
