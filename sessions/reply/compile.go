package reply

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

// Compile reads c, which may be changed afterwards. The error is a [*FieldError].
func Compile(c Config) (*Replies, error) {
	r := &Replies{echo: c.Echo}
	var err error
	if r.greeting, err = readText("Greeting", c.Greeting); err != nil {
		return nil, err
	}
	if r.prefix, err = readText("Prefix", c.Prefix); err != nil {
		return nil, err
	}
	if len(c.Rules) > MaxRules {
		return nil, fail("Rules", "there are %d rules: keep %d at most", len(c.Rules), MaxRules)
	}
	steps := 0
	for i, from := range c.Rules {
		if from.Off {
			continue
		}
		to, err := compileRule(fmt.Sprintf("Rules[%d].", i), from, &steps)
		if err != nil {
			return nil, err
		}
		r.rules = append(r.rules, to)
	}
	return r, nil
}

// fail makes the error for a field.
func fail(field, problem string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(problem, args...)}
}

// readText reads text with escapes. Nothing is nil.
func readText(field, s string) ([]byte, error) {
	if err := checkLength(field, s); err != nil || s == "" {
		return nil, err
	}
	p, err := compose.Text(s, compose.None)
	if err != nil {
		return nil, fail(field, "%v", err)
	}
	return slices.Clip(p), nil
}

func checkLength(field, s string) error {
	if len(s) > MaxText {
		return fail(field, "the text is %d bytes long: write %d or less", len(s), MaxText)
	}
	return nil
}

// compileRule reads a rule; field is what its fields' names begin with. It adds the size of a regular
// expression to steps.
func compileRule(field string, from Rule, steps *int) (to rule, err error) {
	to.match, to.delay = from.Match, from.Delay
	if from.Match > Regexp {
		return rule{}, fail(field+"Match", "%v is no kind of match: choose exact, prefix, contains or regexp", from.Match)
	}
	if from.Delay < 0 || from.Delay > MaxDelay {
		return rule{}, fail(field+"Delay", "a delay of %v is out of range: write 0s to 1h", from.Delay)
	}
	if from.Match == Regexp {
		to.re, err = compileRegexp(field+"Pattern", from.Pattern, steps)
	} else {
		to.pattern, err = readText(field+"Pattern", from.Pattern)
		to.lineEnd = lineEnd(to.pattern) > 0
	}
	if err != nil {
		return rule{}, err
	}
	if to.reply, err = readText(field+"Reply", from.Reply); err != nil || from.Match != Regexp {
		return to, err
	}
	captures, plain, problem := parseTemplate(to.re, string(to.reply))
	if problem != "" {
		return rule{}, fail(field+"Reply", "%s", problem)
	}
	to.captures, to.reply = captures, nil
	if plain != "" {
		to.reply = []byte(plain)
	}
	return to, nil
}

// compileRegexp reads a regular expression.
func compileRegexp(field, s string, steps *int) (*regexp.Regexp, error) {
	if err := checkLength(field, s); err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		return nil, fail(field, "%s", explain(err))
	}
	// Package regexp does not tell how large it has made something, so the same is made here once more.
	if prog, err := syntax.Compile(tree.Simplify()); err != nil {
		return nil, fail(field, "%s", explain(err))
	} else if *steps += len(prog.Inst); *steps > MaxSteps {
		return nil, fail(field, "with this pattern the regular expressions have %d steps together: write less, or smaller counts in {}, and keep to %d", *steps, MaxSteps)
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, fail(field, "%s", explain(err))
	}
	// RE2 refuses a name that is there twice; package regexp does not, and $name would have two meanings.
	for i, name := range re.SubexpNames() {
		if name != "" && re.SubexpIndex(name) != i {
			return nil, fail(field, "the name %s is there twice: give each group a name of its own", shown(name))
		}
	}
	return re, nil
}

// explain says what is wrong with a regular expression and what to write.
func explain(err error) string {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("the regular expression cannot be read: %v", err)
	}
	at := shown(e.Expr)
	switch e.Code {
	case syntax.ErrInvalidCharClass, syntax.ErrInvalidCharRange:
		return fmt.Sprintf(`there is no class or range of characters %s: write them like [a-z], the smaller first, [[:alpha:]] or \pL`, at)
	case syntax.ErrInvalidEscape:
		return fmt.Sprintf(`%s is no escape of regular expressions: write \\ for a backslash, \x0a for a character below \x80, or \x{20ac} for any`, at)
	case syntax.ErrInvalidNamedCapture:
		return fmt.Sprintf(`%s does not name a group: write (?P<name>...) with letters, digits and _`, at)
	case syntax.ErrInvalidPerlOp:
		return fmt.Sprintf(`%s is not in this syntax, RE2, which cannot look ahead or behind: write (?:...) for a group that is not captured, or (?i), (?m) or (?s)`, at)
	case syntax.ErrInvalidRepeatOp:
		return fmt.Sprintf(`%s repeats what is repeated already: write one of them, or a group as in (?:a+)*`, at)
	case syntax.ErrInvalidRepeatSize:
		return fmt.Sprintf(`%s is no count: write 1000 at most, also as the product of one inside another, and the smaller first, as in {2,5}`, at)
	case syntax.ErrInvalidUTF8:
		return `the regular expression is not UTF-8: write a dot for a byte that is not`
	case syntax.ErrMissingBracket:
		return fmt.Sprintf(`the [ in %s is never closed: write a ] behind it, or \[ for a bracket`, at)
	case syntax.ErrMissingParen:
		return `a ( is never closed: write a ) behind it, or \( for a parenthesis`
	case syntax.ErrUnexpectedParen:
		return `a ) closes nothing: write a ( before it, or \) for a parenthesis`
	case syntax.ErrMissingRepeatArgument:
		return fmt.Sprintf(`%s has nothing before it to repeat: write \%[1]s for the character itself`, at)
	case syntax.ErrTrailingBackslash:
		return `a single \ is at the end: write \\ for a backslash`
	case syntax.ErrNestingDepth, syntax.ErrLarge:
		return fmt.Sprintf(`the regular expression is too large: write less, smaller counts in {}, or fewer groups inside each other, and keep to %d steps`, MaxSteps)
	}
	return fmt.Sprintf("the regular expression cannot be read: %v in %s", e.Code, at)
}

// mostShown is how many characters of what somebody typed are repeated in a message.
const mostShown = 40

// shown gives the begin of s so that it can be put in a message: everything invisible is written as RE2
// would have it.
func shown(s string) string {
	var out strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > mostShown {
			return out.String() + "..."
		}
		if inspect.Visible(r) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, `\x{%x}`, r)
		}
	}
	return out.String()
}
