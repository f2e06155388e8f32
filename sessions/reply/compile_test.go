package reply

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

func TestCompileNamesTheField(t *testing.T) {
	long := strings.Repeat("x", MaxText+1)
	one := func(r Rule) Config { return Config{Rules: []Rule{r}} }
	re := func(pattern, reply string) Config { return one(Rule{Match: Regexp, Pattern: pattern, Reply: reply}) }
	tests := []struct {
		name   string
		config Config
		field  string
		says   []string
	}{
		{"a greeting with an unknown escape", Config{Greeting: `a\q`}, "Greeting", []string{"column 2", `\xHH`}},
		{"a greeting that is too long", Config{Greeting: long}, "Greeting", []string{"65537 bytes", "write 65536 or less"}},
		{"a prefix, echo or not", Config{Prefix: `\x4`}, "Prefix", []string{"two hexadecimal digits"}},
		{"a prefix that is not UTF-8", Config{Prefix: "\xff"}, "Prefix", []string{"UTF-8", `\xff`}},
		{"too many rules, off or not", Config{Rules: append(manyRules("x"), Rule{Off: true})}, "Rules", []string{"101 rules", "100"}},
		{"a rule by its number from 0", Config{Rules: append(manyRules("x")[:3], Rule{Pattern: `\`})}, "Rules[3].Pattern", []string{`\\`}},
		{"a number that counts rules that are off", Config{Rules: []Rule{{Off: true}, {Reply: `\`}}}, "Rules[1].Reply", []string{`\\`}},
		{"an unknown kind of match", one(Rule{Match: 4}), "Rules[0].Match", []string{"Match(4)", "exact, prefix, contains or regexp"}},
		{"a delay below nothing", one(Rule{Delay: -1}), "Rules[0].Delay", []string{"-1ns", "0s to 1h"}},
		{"a delay over an hour", one(Rule{Delay: time.Hour + 1}), "Rules[0].Delay", []string{"0s to 1h"}},
		{"a pattern that is too long", one(Rule{Match: Contains, Pattern: long}), "Rules[0].Pattern", []string{"65536"}},
		{"an expression that is too long", re(long, ""), "Rules[0].Pattern", []string{"65536"}},
		{"a reply that is too long", one(Rule{Reply: long}), "Rules[0].Reply", []string{"65536"}},
		{"a reply to an expression with an unknown escape", re(`(.)`, `$1\d`), "Rules[0].Reply", []string{"column 3", "'d'"}},

		{"an escape that expressions do not have", re(`a\u20ac`, ""), "Rules[0].Pattern", []string{`\u is no escape`, `\x{20ac}`}},
		{"a group that is never closed", re(`(a`, ""), "Rules[0].Pattern", []string{"never closed", `\(`}},
		{"a parenthesis that closes nothing", re(`a)`, ""), "Rules[0].Pattern", []string{"closes nothing", `\)`}},
		{"a class that is never closed", re(`x[a-z`, ""), "Rules[0].Pattern", []string{"[a-z", "never closed", `\[`}},
		{"a range backwards", re(`[z-a]`, ""), "Rules[0].Pattern", []string{"z-a", "smaller first"}},
		{"a class that there is not", re(`\p{Klingon}`, ""), "Rules[0].Pattern", []string{`\p{Klingon}`, `\pL`}},
		{"nothing to repeat", re(`*a`, ""), "Rules[0].Pattern", []string{"* has nothing before it", `write \*`}},
		{"a repetition twice", re(`a**`, ""), "Rules[0].Pattern", []string{"** repeats", "(?:"}},
		{"a count that is too large", re(`a{1001}`, ""), "Rules[0].Pattern", []string{"{1001}", "1000 at most"}},
		{"a count in a count that is too large", re(`(a{100}){100}`, ""), "Rules[0].Pattern", []string{"1000 at most"}},
		{"looking ahead", re(`a(?=b)`, ""), "Rules[0].Pattern", []string{"(?=", "RE2", "(?:...)"}},
		{"a name that is none", re(`(?P<a b>x)`, ""), "Rules[0].Pattern", []string{"(?P<a b>", "letters, digits"}},
		{"a name twice", re(`(?P<a>x)(?P<a>y)`, ""), "Rules[0].Pattern", []string{"the name a is there twice", "of its own"}},
		{"a backslash at the end", re(`a\`, ""), "Rules[0].Pattern", []string{`\\`}},
		{"an expression that is not UTF-8", re("a\xff", ""), "Rules[0].Pattern", []string{"not UTF-8", "dot"}},
		{"groups too deep", re(strings.Repeat("(", 2000)+strings.Repeat(")", 2000), ""), "Rules[0].Pattern", []string{"too large", "10000 steps"}},
		{"an expression far too large", re(strings.Repeat("(?:abcdefgh){1000}", 1000), ""), "Rules[0].Pattern", []string{"too large", "10000 steps"}},
		{"an expression that is too large", re(strings.Repeat("a{1000}", 10), ""), "Rules[0].Pattern", []string{"smaller counts", "10000"}},
		{"expressions that are too large together", Config{Rules: []Rule{
			{Match: Regexp, Pattern: strings.Repeat("a{1000}", 6)}, {Match: Regexp, Pattern: strings.Repeat("a{1000}", 9), Off: true}, {Match: Regexp, Pattern: strings.Repeat("b{1000}", 6)}}},
			"Rules[2].Pattern", []string{"12004 steps together", "10000"}},
		{"an invisible character in an expression", re("\\\u202e", ""), "Rules[0].Pattern", []string{`\x{202e}`}},

		{"a dollar alone", re(`(.)`, `100$`), "Rules[0].Reply", []string{"$$ for a dollar"}},
		{"a dollar before something else", re(`(.)`, `a $ b`), "Rules[0].Reply", []string{"$$ for a dollar"}},
		{"a dollar that was an escape", re(`(.)`, `100\x24`), "Rules[0].Reply", []string{"$$ for a dollar"}},
		{"braces with nothing in them", re(`(.)`, `${}`), "Rules[0].Reply", []string{"${}", "${1}"}},
		{"braces that are never closed", re(`(.)`, `${1`), "Rules[0].Reply", []string{"${1", "${name}"}},
		{"braces with more than a name", re(`(.)`, `${1-2}`), "Rules[0].Reply", []string{"${1-2}"}},
		{"a group past the last", re(`(.)(.)`, `$3`), "Rules[0].Reply", []string{"$3", "$1 to $2"}},
		{"a group past the only one", re(`(.)`, `${2}`), "Rules[0].Reply", []string{"${2}", "$1 for its one group"}},
		{"a group where there is none", re(`.`, `$1`), "Rules[0].Reply", []string{"$0", "parentheses"}},
		{"a group with a zero in front", re(`(.)`, `$01`), "Rules[0].Reply", []string{"$01", "${0}1"}},
		{"a group of a huge number", re(`(.)`, `${99999999999999999999}`), "Rules[0].Reply", []string{"no group"}},
		{"letters behind a number", re(`(.)`, `$1x`), "Rules[0].Reply", []string{"$1x", "write ${1}x"}},
		{"letters behind a name", re(`(?P<id>.)`, `$id_é.`), "Rules[0].Reply", []string{"$id_é", "write ${id}_é"}},
		{"digits behind a number", re(`(.)`, `$10`), "Rules[0].Reply", []string{"$10", "write ${1}0"}},
		{"a name that there is not", re(`(?P<id>.)`, `${it}`), "Rules[0].Reply", []string{"${it}", "$1"}},
		{"a name that goes on and on", re(`(.)`, `$1`+strings.Repeat("x", 1000)), "Rules[0].Reply", []string{"xxx..."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Compile(tt.config)
			if err == nil || r != nil {
				t.Fatalf("accepted, or compiled in spite of %v", err)
			}
			e := fieldError(t, err)
			if e.Field != tt.field {
				t.Errorf("the field is %q, want %q", e.Field, tt.field)
			}
			for _, s := range tt.says {
				if !strings.Contains(e.Problem, s) {
					t.Errorf("%q does not say %q", e.Problem, s)
				}
			}
		})
	}
}

// fieldError wants err to be an error for a field that can be shown.
func fieldError(t *testing.T, err error) *FieldError {
	t.Helper()
	var e *FieldError
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want a *FieldError", err)
	}
	if e.Field == "" || e.Problem == "" || e.Error() != e.Field+": "+e.Problem || len(e.Problem) > 800 || !utf8.ValidString(e.Problem) {
		t.Errorf("message is not fit to be shown: %q", e.Error())
	}
	for _, r := range e.Problem {
		if !inspect.Visible(r) {
			t.Errorf("%q has the invisible character %U", e.Problem, r)
		}
	}
	return e
}

func TestCompileAccepts(t *testing.T) {
	tests := []struct {
		name   string
		config Config
	}{
		{"nothing", Config{}},
		{"as much as there may be", Config{Greeting: strings.Repeat("x", MaxText), Rules: manyRules("word")}},
		{"a rule that is wrong but off", Config{Rules: []Rule{{Match: 99, Pattern: `\`, Reply: `\`, Delay: -1, Off: true}}}},
		{"the longest delay", Config{Rules: []Rule{{Delay: MaxDelay}}}},
		{"expressions almost as large as they may be", Config{Rules: []Rule{{Match: Regexp, Pattern: strings.Repeat("a{990}", 10)}}}},
		{"names like numbers", Config{Rules: []Rule{{Match: Regexp, Pattern: `(?P<01>a)`, Reply: `$01 ${01}`}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Compile(tt.config); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMatchesAreReadByTheirNames(t *testing.T) {
	for _, m := range Matches() {
		for _, s := range []string{m.String(), strings.ToUpper(m.String())} {
			if got, err := ParseMatch(s); err != nil || got != m {
				t.Errorf("ParseMatch(%q) = %v, %v", s, got, err)
			}
		}
	}
	for _, s := range []string{"", "regex", " exact", Match(9).String()} {
		if _, err := ParseMatch(s); err == nil || !strings.Contains(err.Error(), "write exact, prefix, contains or regexp") {
			t.Errorf("ParseMatch(%q) says %v", s, err)
		}
	}
}
