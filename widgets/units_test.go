package widgets

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirebench/widgets/words"
)

func TestSizesAreWrittenInTheLargestUnitThatFits(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1: "1 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB",
		1024*1024 - 1: "1.0 MiB", 1024*1024 - 60: "1023.9 KiB", 1 << 20: "1.0 MiB", 1<<30 + 1<<29: "1.5 GiB",
		4 << 30: "4.0 GiB", math.MaxInt64: "8.0 EiB", math.MinInt64: "-8.0 EiB", -2048: "-2.0 KiB",
	} {
		if got := FormatSize(n); got != want {
			t.Errorf("FormatSize(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCountsAreExactWithThousandsSeparators(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 123456: "123,456", 1234567: "1,234,567",
		-1000: "-1,000", -999: "-999", math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		if got := FormatCount(n); got != want {
			t.Errorf("FormatCount(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestElapsedTimeDoesNotWrapAtADay(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "00:00:00", -time.Hour: "00:00:00", 133 * time.Second: "00:02:13", 100*time.Hour + 59*time.Second: "100:00:59",
		999 * time.Millisecond: "00:00:00",
	} {
		if got := FormatElapsed(d); got != want {
			t.Errorf("FormatElapsed(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestAClippedStringKeepsWholeRunes(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"short", 10, "short"}, {"exactly", 7, "exactly"}, {"too long", 5, "too …"}, {"ééééé", 5, "ééééé"}, {"éééééé", 5, "éééé…"},
	} {
		if got := clip(c.in, c.limit); got != c.want {
			t.Errorf("clip(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestMessageTextIsShownAndNotObeyed(t *testing.T) {
	for in, want := range map[string]string{
		"plain – text":          "plain – text",
		"a\nb\r\tc":             `a\nb\r\tc`,
		"\x1b[31mred":           `\x1b[31mred`,
		"evil\u202egpj.exe":     `evil\u202egpj.exe`,
		"zero\u200bwidth\ufeff": `zero\u200bwidth\ufeff`,
		"bad\xffutf8":           `bad\xffutf8`,
		"c1\u0085x":             `c1\x85x`,
	} {
		if got := plainText(in, 200, false); got != want {
			t.Errorf("plainText(%q) = %q, want %q", in, got, want)
		}
	}
	if got := plainText("a\nb", 200, true); got != "a\nb" {
		t.Errorf("line feeds must survive in multi-line text, got %q", got)
	}
	if got := plainText(strings.Repeat("x", 1<<20), 100, false); len([]rune(got)) != 100 {
		t.Errorf("text is %d runes long, want 100", len([]rune(got)))
	}
}

func TestANumberIsReadAsTheLanguageWritesIt(t *testing.T) {
	before := words.InUse()
	t.Cleanup(func() { words.Use(before) })
	for name, c := range map[string]struct {
		written string // of 1234567
		typed   map[string]int64
	}{
		"en": {"1,234,567", map[string]int64{"1,234": 1234, "1234": 1234, "12,345,678": 12345678, "1,2": -1, "1.234": -1, "0,500": -1, "1,2345": -1, "": -1}},
		"de": {"1.234.567", map[string]int64{"1.234": 1234, "1,234": 1234, "1.5": -1, "1.234.5": -1, "1.": -1}},
		"fr": {"1\u00a0234\u00a0567", map[string]int64{"1 234": 1234, "1\u202f234": 1234, "1 2": -1}},
		"hi": {"12,34,567", map[string]int64{"1,234": 1234, "1,23,456": 123456}},
		"bn": {"১২,৩৪,৫৬৭", map[string]int64{"১,২৩৪": 1234, "1,234": 1234}},
		"fa": {"۱٬۲۳۴٬۵۶۷", map[string]int64{"۱٬۲۳۴": 1234, "1234": 1234}},
	} {
		l := words.English()
		if name != "en" {
			path := filepath.Join(t.TempDir(), name+".json")
			if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
				t.Fatal(err)
			}
			l = words.Read(path)
		}
		words.Use(l)
		if got := FormatCount(1234567); got != c.written {
			t.Errorf("%s writes %q, want %q", name, got, c.written)
		}
		for _, n := range []int64{0, 7, 999, 1000, 99_999, 100_000, 1_000_000, math.MaxInt64} {
			s := FormatCount(n)
			if got, err := parseCount(s, 0, math.MaxInt64); got != n || err != nil || s != words.Count(n) {
				t.Errorf("%s: %d is written %q, and read as %d, %v", name, n, s, got, err)
			}
		}
		for s, want := range c.typed {
			got, err := parseCount(s, 0, math.MaxInt64)
			if want < 0 && err == nil || want >= 0 && got != want {
				t.Errorf("%s: %q is read as %d, %v", name, s, got, err)
			}
		}
		if got, err := parseSize(FormatCount(1024)+" KiB", 1<<30); got != 1<<20 || err != nil {
			t.Errorf("%s: 1024 KiB are read as %d, %v", name, got, err)
		}
	}
	words.Use(words.English())
	if got, err := parseSize("1,5 MiB", 1<<30); err == nil {
		t.Errorf("1,5 MiB are read as %d", got)
	}
}

func BenchmarkCounts(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		FormatCount(1234567)
	}
}
