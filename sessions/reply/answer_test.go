package reply

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/compose"
)

// compiled compiles a configuration that is right.
func compiled(t testing.TB, c Config) *Replies {
	t.Helper()
	r, err := Compile(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRulesMatch(t *testing.T) {
	tests := []struct {
		name    string
		match   Match
		pattern string
		yes, no []string
	}{
		{"exactly, with one line end or none", Exact, `PING`,
			[]string{"PING", "PING\n", "PING\r\n", "PING\r", "PING\x00"},
			[]string{"", "PIN", "PINGS", "ping", " PING", "PING\n\n", "PING\n\x00", "PING\n\r", "PING\x00\x00"}},
		{"exactly the line end that the pattern has", Exact, `PING\r\n`,
			[]string{"PING\r\n"}, []string{"PING", "PING\n", "PING\r", "PING\r\n\n", "PING\r\n\r\n"}},
		{"exactly a zero byte that the pattern has", Exact, `<a/>\0`,
			[]string{"<a/>\x00"}, []string{"<a/>", "<a/>\n", "<a/>\x00\n"}},
		{"exactly a carriage return that the pattern has", Exact, `PING\r`,
			[]string{"PING\r"}, []string{"PING\r\n", "PING"}},
		{"exactly nothing, which is an empty line", Exact, ``,
			[]string{"", "\n", "\r\n", "\x00"}, []string{" ", "\n\n", "a"}},
		{"exactly bytes that are no text", Exact, `\xff\x00\xfe`, []string{"\xff\x00\xfe", "\xff\x00\xfe\n"}, []string{"\xff\x00", "\xff\x00\xff"}},
		{"a begin", Prefix, `GET `, []string{"GET ", "GET /"}, []string{"", "GET", "get /", " GET /", "\nGET /"}},
		{"a begin with escapes", Prefix, `\x01\u20ac`, []string{"\x01€", "\x01€\x00"}, []string{"\x01\xe2\x82", `\x01\u20ac`}},
		{"every begin", Prefix, ``, []string{"", "a", "\n"}, nil},
		{"a part anywhere", Contains, `a\nb`, []string{"a\nb", "xa\nby", "\x00a\nb\xff"}, []string{"", "ab", "a\r\nb", "a\n"}},
		{"a part with a dollar and a dot in it", Contains, `$1.`, []string{"US$1.50"}, []string{"US$150", "1."}},
		{"an expression anywhere", Regexp, `b+`, []string{"b", "abbbc", "a\nb"}, []string{"", "a", "B"}},
		{"an expression between begin and end", Regexp, `^a$`, []string{"a"}, []string{"a\n", "a\r\n", "\na", "ba"}},
		{"an expression up to the line end", Regexp, `^a\r?\n?$`, []string{"a", "a\n", "a\r\n"}, []string{"a\n\n", "ab"}},
		{"an expression in one of several lines", Regexp, `(?m)^a$`, []string{"a", "b\na\nc"}, []string{"ba", "a\r\n"}},
		{"a dot that is no line feed", Regexp, `^a.b$`, []string{"axb", "a\rb", "a\x00b", "a€b"}, []string{"a\nb", "ab"}},
		{"a dot that is a line feed", Regexp, `(?s)^a.b$`, []string{"axb", "a\nb"}, []string{"ab"}},
		{"a dot that is one byte of what is not UTF-8", Regexp, `^.$`, []string{"\xff", "\x80", "€"}, []string{"\xff\xff", "\xe2\x82"}},
		{"the character that stands for broken bytes", Regexp, `^a\x{fffd}b$`, []string{"a\xffb", "a\ufffdb"}, []string{"ab", "aÿb"}},
		{"a class of all but some", Regexp, `^[^a-z]$`, []string{"\xff", "\n", "A", "\x00"}, []string{"a", "AA"}},
		{"a number as a character and not as a byte", Regexp, `^\xff$`, []string{"ÿ"}, []string{"\xff"}},
		{"the escapes of expressions", Regexp, `^\x00\x0a\n\x{20ac}\\$`, []string{"\x00\n\n€\\"}, nil},
		{"an expression in either case", Regexp, `(?i)^quit`, []string{"quit", "QUIT\r\n", "Quit now"}, []string{"xquit"}},
		{"every message", Regexp, ``, []string{"", "a"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := compiled(t, Config{Rules: []Rule{{Match: tt.match, Pattern: tt.pattern, Reply: "yes"}}})
			for _, m := range tt.yes {
				if p, _, ok := r.Answer([]byte(m)); !ok || string(p) != "yes" {
					t.Errorf("%q does not match %q", tt.pattern, m)
				}
			}
			for _, m := range tt.no {
				if p, _, ok := r.Answer([]byte(m)); ok || p != nil {
					t.Errorf("%q matches %q", tt.pattern, m)
				}
			}
		})
	}
}

func TestRepliesSay(t *testing.T) {
	regexps := func(pattern, reply string) Config {
		return Config{Rules: []Rule{{Match: Regexp, Pattern: pattern, Reply: reply}}}
	}
	tests := []struct {
		name          string
		config        Config
		message, want string
	}{
		{"an echo", Config{Echo: true}, "hello\n", "hello\n"},
		{"an echo behind its prefix", Config{Echo: true, Prefix: `Echo -- `}, "hello", "Echo -- hello"},
		{"an echo behind a prefix with escapes and a dollar", Config{Echo: true, Prefix: `\xff$1\0`}, "\x00", "\xff$1\x00\x00"},
		{"the first rule that matches", Config{Rules: []Rule{{Pattern: "b", Reply: "1"}, {Pattern: "a", Reply: "2"}, {Match: Prefix, Reply: "3"}}}, "a", "2"},
		{"a rule before the echo", Config{Echo: true, Prefix: ">", Rules: []Rule{{Pattern: "a", Reply: "b"}}}, "a\r\n", "b"},
		{"an echo where no rule matches", Config{Echo: true, Prefix: ">", Rules: []Rule{{Pattern: "b", Reply: "b"}}}, "a", ">a"},
		{"nothing by a rule that is off", Config{Echo: true, Rules: []Rule{{Pattern: "a", Reply: "b", Off: true}}}, "a", "a"},
		{"nothing for a rule without a reply", Config{Echo: true, Rules: []Rule{{Pattern: "a"}, {Pattern: "a", Reply: "b"}}}, "a", ""},
		{"bytes of escapes", Config{Rules: []Rule{{Pattern: "a", Reply: `\r\n\0\xff\u20ac\\`}}}, "a", "\r\n\x00\xff€\\"},
		{"dollars as they are without an expression", Config{Rules: []Rule{{Match: Prefix, Pattern: "a", Reply: `$1 $$ ${x} \x24`}}}, "a", "$1 $$ ${x} $"},

		{"groups by number", regexps(`(\w+) (\w+)`, `$2 $1, ${1}st of $0`), "say hello", "hello say, sayst of say hello"},
		{"groups by name", regexps(`(?P<verb>\w+) (?<what>\w+)`, `$what-${verb}s`), "say hello", "hello-says"},
		{"a group with a long number", regexps(strings.Repeat(`(.)`, 12), `$12$1`), "abcdefghijkl", "la"},
		{"a group that took no part as nothing", regexps(`a|(b)`, `<$1>`), "a", "<>"},
		{"what matched, however it is written", regexps(`(.+)`, `[$1]`), "$0\\n\xff", "[$0\\n\xff]"},
		{"two dollars as one", regexps(`(.)`, `$$1 costs $$$1`), "x", "$1 costs $x"},
		{"an escaped dollar like any other", regexps(`(.)`, `\x241 \u0024\x24`), "x", "x $"},
		{"a dollar in front of an escape that ends the name", regexps(`(.)`, `$1\x20$1\\n`), "x", "x x\\n"},
		{"an escape that is part of a name", regexps(`(?P<ab>.)`, `$a\x62`), "x", "x"},
		{"a fixed text for an expression", regexps(`.`, `OK $$5\n`), "x", "OK $5\n"},
		{"nothing for an expression without a reply", regexps(`.`, ``), "x", ""},
		{"the leftmost match alone", regexps(`(\d+)`, `$1`), "a1b22", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, delay, ok := compiled(t, tt.config).Answer([]byte(tt.message))
			if !ok || string(p) != tt.want || delay != 0 {
				t.Errorf("%q is answered with %q, %v, %v; want %q", tt.message, p, delay, ok, tt.want)
			}
		})
	}
}

func TestADelayIsThatOfTheRule(t *testing.T) {
	r := compiled(t, Config{Echo: true, Rules: []Rule{
		{Pattern: "a", Reply: "a", Delay: time.Millisecond},
		{Match: Regexp, Pattern: "b", Reply: "b", Delay: MaxDelay},
		{Match: Regexp, Pattern: "(c)", Reply: "$1", Delay: time.Second},
	}})
	for message, want := range map[string]time.Duration{"a": time.Millisecond, "b": MaxDelay, "c": time.Second, "d": 0} {
		if p, delay, ok := r.Answer([]byte(message)); !ok || delay != want || string(p) != message {
			t.Errorf("%q is answered after %v with %q, %v; want %v", message, delay, p, ok, want)
		}
	}
}

func TestAGreetingIsSaidOrIsNil(t *testing.T) {
	if g := compiled(t, Config{}).Greeting(); g != nil {
		t.Errorf("without a greeting there is %q", g)
	}
	if g := compiled(t, Config{Greeting: `Connected.\0 $1`}).Greeting(); string(g) != "Connected.\x00 $1" {
		t.Errorf("the greeting is %q", g)
	}
}

func TestEmptyIsWhatNeverSaysAnything(t *testing.T) {
	tests := []struct {
		name   string
		config Config
		empty  bool
	}{
		{"nothing", Config{}, true},
		{"a prefix without an echo", Config{Prefix: "x"}, true},
		{"a rule that is off", Config{Rules: []Rule{{Reply: "x", Off: true}}}, true},
		{"a greeting", Config{Greeting: "x"}, false},
		{"an echo", Config{Echo: true}, false},
		{"a rule", Config{Rules: []Rule{{Reply: "x"}}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := compiled(t, tt.config)
			if r.Empty() != tt.empty {
				t.Errorf("Empty is %v", r.Empty())
			}
			if _, _, ok := r.Answer([]byte("m")); ok && tt.empty {
				t.Error("it answers")
			}
		})
	}
	var zero Replies
	if p, _, ok := zero.Answer(nil); !zero.Empty() || ok || p != nil || zero.Greeting() != nil {
		t.Error("the zero value says something")
	}
}

func TestAReplyEndsAtItsBound(t *testing.T) {
	message := bytes.Repeat([]byte("m"), MaxText)
	everything := strings.Repeat("$0", MaxText/2) // 2 GiB
	tests := []struct {
		name      string
		config    Config
		message   []byte
		length    int
		from, end string
	}{
		{"an echo that fits", Config{Echo: true, Prefix: ">"}, make([]byte, MaxReply-1), MaxReply, ">", "\x00"},
		{"an echo that does not", Config{Echo: true, Prefix: ">"}, append(make([]byte, MaxReply-1), '!'), MaxReply, ">", "\x00"},
		{"an echo of far more", Config{Echo: true, Prefix: ">"}, make([]byte, 3*MaxReply), MaxReply, ">", "\x00"},
		{"a capture many times", Config{Rules: []Rule{{Match: Regexp, Pattern: "(?s).*", Reply: everything}}}, message, MaxReply, "m", "m"},
		{"captures and texts in turn", Config{Rules: []Rule{{Match: Regexp, Pattern: ".+", Reply: strings.Repeat("$0-", 17)}}}, message, MaxReply, "m", "m"},
		{"a text at the bound", Config{Rules: []Rule{{Match: Regexp, Pattern: "(?s).+", Reply: "$0<end>"}}}, make([]byte, MaxReply-2), MaxReply, "\x00", "<e"},
		{"captures that fit", Config{Rules: []Rule{{Match: Regexp, Pattern: ".+", Reply: strings.Repeat("$0", 16)}}}, message, MaxReply, "m", "m"},
		{"the longest text", Config{Rules: []Rule{{Match: Prefix, Reply: strings.Repeat("x", MaxText)}}}, nil, MaxText, "x", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, _, ok := compiled(t, tt.config).Answer(tt.message)
			if !ok || len(p) != tt.length || cap(p) > MaxReply+MaxReply/4 {
				t.Fatalf("%d bytes (%d reserved), %v; want %d", len(p), cap(p), ok, tt.length)
			}
			if !bytes.HasPrefix(p, []byte(tt.from)) || !bytes.HasSuffix(p, []byte(tt.end)) {
				t.Errorf("goes from %q to %q, want %q to %q", p[:1], p[len(p)-4:], tt.from, tt.end)
			}
		})
	}
}

func TestAReplySharesNothingWithTheMessage(t *testing.T) {
	for _, c := range []Config{
		{Echo: true},
		{Rules: []Rule{{Match: Regexp, Pattern: ".*", Reply: "$0"}}},
		{Rules: []Rule{{Match: Regexp, Pattern: ".*", Reply: "message"}}},
	} {
		message := []byte("message")
		p, _, _ := compiled(t, c).Answer(message)
		copy(message, "xxxxxxx")
		if string(p) != "message" {
			t.Errorf("%+v: the reply became %q", c, p)
		}
	}
}

func TestACompiledConfigCanBeChanged(t *testing.T) {
	c := Config{Rules: []Rule{{Pattern: "a", Reply: "b"}}}
	r := compiled(t, c)
	c.Rules[0] = Rule{Pattern: "a", Reply: "c"}
	if p, _, _ := r.Answer([]byte("a")); string(p) != "b" {
		t.Errorf("the reply became %q", p)
	}
}

func TestManyClientsAreAnsweredAtOnce(t *testing.T) {
	r := compiled(t, Config{Echo: true, Prefix: "> ", Rules: []Rule{{Match: Regexp, Pattern: `^n(\d+)`, Reply: "<$1>"}}})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if p, _, _ := r.Answer([]byte("n12")); string(p) != "<12>" {
					t.Errorf("the rule gives %q", p)
				}
				if p, _, _ := r.Answer([]byte("x")); string(p) != "> x" {
					t.Errorf("the echo gives %q", p)
				}
			}
		})
	}
	wg.Wait()
}

func TestAnAnswerAllocatesOnceAtMost(t *testing.T) {
	tests := []struct {
		name   string
		config Config
		most   float64
	}{
		{"an echo", Config{Echo: true, Prefix: "Echo -- "}, 1},
		{"an echo behind rules", Config{Echo: true, Rules: manyRules("nobody says this")}, 1},
		{"a fixed reply", Config{Rules: []Rule{{Match: Contains, Pattern: "o", Reply: "yes"}}}, 0},
		{"a fixed reply to an expression", Config{Rules: []Rule{{Match: Regexp, Pattern: "(o)", Reply: "yes"}}}, 0},
		{"silence", Config{Greeting: "x"}, 0},
	}
	message := []byte("hello\r\n")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := compiled(t, tt.config)
			if n := testing.AllocsPerRun(200, func() { r.Answer(message) }); n > tt.most {
				t.Errorf("%v allocations, want %v", n, tt.most)
			}
		})
	}
}

// manyRules makes as many rules as there may be, with a quarter of each kind, about a word.
func manyRules(word string) []Rule {
	rules := make([]Rule, MaxRules)
	for i := range rules {
		rules[i] = Rule{Match: Match(i % 4), Pattern: word, Reply: "reply"}
	}
	return rules
}

func BenchmarkAnswer(b *testing.B) {
	message := []byte(strings.Repeat("GET /index.html HTTP/1.1\r\n", 10))
	last := manyRules("nobody says this")
	last[MaxRules-1] = Rule{Match: Regexp, Pattern: `(\w+)\.html`, Reply: "<$1>"}
	for _, bm := range []struct {
		name   string
		config Config
	}{
		{"echo", Config{Echo: true, Prefix: "Echo -- "}},
		{"100 rules and an echo", Config{Echo: true, Rules: manyRules("nobody says this")}},
		{"capture of the last of 100 rules", Config{Rules: last}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			r := compiled(b, bm.config)
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				r.Answer(message)
			}
		})
	}
	// Expressions that are as large as they may be and as slow as they get.
	b.Run("the slowest expressions", func(b *testing.B) {
		r := compiled(b, Config{Rules: []Rule{{Match: Regexp, Pattern: "(x*y*){1000}(x*y*){600}z", Reply: "$0"}}})
		message := bytes.Repeat([]byte("x"), 4<<10)
		b.SetBytes(int64(len(message)))
		for b.Loop() {
			r.Answer(message)
		}
	})
}

// FuzzAnswer compiles one rule and wants its answer to keep to its bound, to be the same each time, and to
// be what the standard library makes of the same pattern and reply.
func FuzzAnswer(f *testing.F) {
	f.Add(uint8(Exact), `PING`, `PONG\r\n`, []byte("PING\r\n"), true)
	f.Add(uint8(Prefix), `\x00\xff`, `$1`, []byte("\x00\xff\x01"), false)
	f.Add(uint8(Contains), `a`, ``, []byte("bab"), true)
	f.Add(uint8(Regexp), `(?P<a>.)(b)?`, `$a${2}$$\n$0`, []byte("\xffb\n"), true)
	f.Add(uint8(Regexp), `(\d+)`, `${1}x \x241`, []byte("a12"), false)
	f.Add(uint8(Regexp), `(.*)*`, `$01 $1x ${`, []byte("$1"), false)
	f.Fuzz(func(t *testing.T, kind uint8, pattern, reply string, message []byte, echo bool) {
		if len(message) > 4<<10 || len(pattern) > 4<<10 || len(reply) > 4<<10 {
			return
		}
		rule := Rule{Match: Match(kind % 5), Pattern: pattern, Reply: reply}
		r, err := Compile(Config{Echo: echo, Prefix: "> ", Rules: []Rule{rule}})
		if err != nil {
			fieldError(t, err)
			return
		}
		before := bytes.Clone(message)
		p, delay, ok := r.Answer(message)
		again, _, _ := r.Answer(message)
		if len(p) > MaxReply || delay != 0 || !bytes.Equal(p, again) || !bytes.Equal(message, before) {
			t.Fatalf("%d bytes after %v, then %d", len(p), delay, len(again))
		}
		want, matches := plainly(t, rule, message)
		switch {
		case !matches && echo:
			want = append([]byte("> "), message...)
		case !matches:
			want = nil
		}
		if ok != (matches || echo) {
			t.Fatalf("%+v for %q: %v", rule, message, ok)
		}
		if want = want[:min(len(want), MaxReply)]; !bytes.Equal(p, want) {
			t.Fatalf("%+v answers %q with %q, want %q", rule, message, p, want)
		}
	})
}

// plainly answers by a rule that Compile has accepted, the way it is described.
func plainly(t *testing.T, rule Rule, message []byte) (reply []byte, matches bool) {
	text := func(s string) []byte {
		p, err := compose.Text(s, compose.None)
		if err != nil {
			t.Fatalf("accepted %q: %v", s, err)
		}
		return p
	}
	reply = text(rule.Reply)
	switch rule.Match {
	case Regexp:
		re := regexp.MustCompile(rule.Pattern)
		found := re.FindSubmatchIndex(message)
		if found == nil {
			return nil, false
		}
		return re.Expand(nil, reply, message, found), true
	case Exact:
		pattern, line := string(text(rule.Pattern)), string(message)
		if strings.TrimRight(pattern, "\r\n\x00") == pattern {
			for _, end := range []string{"\r\n", "\n", "\r", "\x00"} {
				if bare, has := strings.CutSuffix(line, end); has {
					line = bare
					break
				}
			}
		}
		return reply, line == pattern
	case Prefix:
		return reply, strings.HasPrefix(string(message), string(text(rule.Pattern)))
	default:
		return reply, strings.Contains(string(message), string(text(rule.Pattern)))
	}
}
