package widgets

import (
	"strings"
	"testing"
)

func TestSizesAreReadInTheUnitsPeopleWrite(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
		say  string // in the sentence; "" for good
	}{
		{"256 KiB", 256 << 10, ""}, {"1 MiB", 1 << 20, ""}, {"1.5MiB", 3 << 19, ""}, {" 64k ", 64 << 10, ""}, {"1 GiB", 1 << 30, ""},
		{"1000", 1000, ""}, {"1,000 bytes", 1000, ""}, {"7 b", 7, ""}, {"2 MB", 2e6, ""}, {"2 kB", 2000, ""}, {"1 byte", 1, ""},
		{"", 0, "like 256 KiB"}, {"lots", 0, "like 256 KiB"}, {"1 TiB", 0, "like 256 KiB"}, {"1e5", 0, "like 256 KiB"}, {"KiB", 0, "like 256 KiB"},
		{"-1", 0, "like 256 KiB"}, {"0x10", 0, "like 256 KiB"}, {"inf", 0, "like 256 KiB"}, {"1.2.3", 0, "like 256 KiB"}, {"1 MiB MiB", 0, "like 256 KiB"},
		{"0", 0, "1 byte or more"}, {"0.5", 0, "1 byte or more"}, {"2 GiB", 0, "at most 1 GiB"}, {strings.Repeat("9", 400), 0, "like 256 KiB"},
	} {
		got, err := parseSize(c.text, 1<<30)
		if c.say == "" && (err != nil || got != c.want) || c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say)) {
			t.Errorf("%q is %d, %v; want %d, %q", c.text, got, err, c.want, c.say)
		}
	}
}

func FuzzASizeIsWrittenSoThatItIsReadAsTheSame(f *testing.F) {
	f.Add(int64(1), "256 KiB")
	f.Add(int64(1536<<10), "x")
	f.Add(int64(1<<40), "1.5 m")
	f.Fuzz(func(t *testing.T, n int64, typed string) {
		const most = 1 << 40
		if v, err := parseSize(typed, most); err == nil && (v < 1 || v > most) {
			t.Errorf("%q is %d", typed, v)
		}
		if n < 1 || n > most {
			return
		}
		if got, err := parseSize(exactSize(n), most); err != nil || got != n {
			t.Errorf("%d is written %q and read as %d, %v", n, exactSize(n), got, err)
		}
	})
}

func TestCountsAreReadWithOrWithoutCommas(t *testing.T) {
	for text, want := range map[string]int64{"20,000": 20000, " 1 ": 1, "1000000": 1000000, "": -1, "0": -1, "1000001": -1, "1.5": -1, "two": -1} {
		got, err := parseCount(text, 1, 1000000)
		if want < 0 && (err == nil || !strings.Contains(err.Error(), "from 1 to 1,000,000")) || want > 0 && (err != nil || got != want) {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
}

func TestAFieldKeepsWhatIsLongerThanItShows(t *testing.T) {
	wear(t, lightTheme)
	e := newCheckedEntry("", 100, func(string) error { return nil }, func() {})
	long := strings.Repeat("line\n", lineLimit)
	e.set(long)
	if len(e.entry.Text) > lineLimit+2 || strings.Contains(e.entry.Text, "\n") || e.text() != long {
		t.Errorf("%d bytes are shown and %d kept of %d", len(e.entry.Text), len(e.text()), len(long))
	}
	e.entry.SetText("short")
	if e.text() != "short" {
		t.Errorf("after an edit it holds %q", clip(e.text(), 20))
	}
}

func TestAFieldTellsWhenItIsDoneAndNotAtEachKey(t *testing.T) {
	e := newCheckedEntry("", 100, func(string) error { return nil }, func() {})
	done := 0
	e.onDone = func() { done++ }
	w := stage(t, e, e.MinSize())
	w.Canvas().Focus(e.entry)
	typing(w, "abc")
	if done != 0 {
		t.Errorf("told %d times while typing", done)
	}
	press(w, "Return")
	if done != 1 {
		t.Errorf("told %d times after Enter", done)
	}
	w.Canvas().Unfocus()
	if done != 2 {
		t.Errorf("told %d times after the field was left", done)
	}
}
