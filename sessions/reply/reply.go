// Package reply decides what a server says without a person: a greeting for each client, answers by rules,
// and an echo.
//
// [Compile] reads a [Config] once; the [Replies] it makes answer any number of clients at the same time.
// Nothing here touches the network, and nothing waits: a delay is only told. A message is what the caller
// takes for one; a server that does not frame its stream passes what it read at once.
//
// # Texts
//
// The greeting, the prefix of an echo, replies, and the patterns of [Exact], [Prefix] and [Contains] are
// text with the escapes of [compose.Text] (\n \r \t \0 \xHH \uHHHH \\), so every byte can be sent and looked
// for. A $ among them is a dollar sign.
//
// # Regular expressions
//
// The pattern of [Regexp] is RE2 syntax as package [regexp] has it, and is taken as typed: it has escapes of
// its own (\n, \x0a and \x{20ac}, not \u20ac). It is looked for anywhere in the message. These are the
// places where a message differs from a line of text:
//
//   - ^ and $ are the begin and the end of the message, line end included: write ^PING\r?\n?$. With (?m) they
//     are also the begin and the end of each line.
//   - A dot is any character but a line feed; with (?s) it is that too. (?i) ignores case.
//   - Characters are UTF-8. A byte that is not is one character, which a dot, a class like [^a-z] and
//     \x{fffd} match; \xff is the character U+00FF, two bytes, so no pattern names a single byte above \x7f.
//
// In the reply of such a rule $1 or ${1} is what the first group matched, $0 what the whole pattern did,
// $name or ${name} what the group (?P<name>...) did, as in [regexp.Regexp.Expand]. A group that took no part
// is nothing. A name without braces is as long as it can be: $1x is ${1x}, not ${1} and an x. The escapes of
// the reply are read first, and what they stand for is then looked through for $; so \x24 is a $ like any
// other, and a dollar sign is $$. What was matched is put in as it is and not looked at again. What Expand
// would pass over in silence, a lone $ or a group that the pattern does not have, is a mistake here.
package reply

import (
	"fmt"
	"strings"
	"time"
)

// Bounds of a [Config] and of what comes of it.
const (
	MaxRules = 100       // rules, the ones that are off included
	MaxText  = 64 << 10  // bytes of each text and pattern, as typed
	MaxDelay = time.Hour // before a reply
	MaxReply = 1 << 20   // bytes of a reply; a longer one is cut there
	// MaxSteps is how large the regular expressions may be together, in instructions of package regexp once
	// their counts are written out: (ab){1000} has about 2,000. A message takes time in proportion to it, at
	// worst about 10 ns a byte and step.
	MaxSteps = 10_000
)

// Match is how a rule looks at a message.
type Match uint8

const (
	// Exact rules are for messages that are the pattern. One line end (CRLF, LF, CR or a zero byte) at the
	// end of the message does not count, unless the pattern ends with one itself.
	Exact    Match = iota
	Prefix         // the message begins with the pattern
	Contains       // the pattern is somewhere in the message
	Regexp         // the regular expression matches somewhere in the message
)

// Matches lists every way in the order they are offered.
func Matches() []Match { return []Match{Exact, Prefix, Contains, Regexp} }

// String gives the name as shown and as [ParseMatch] reads it.
func (m Match) String() string {
	switch m {
	case Exact:
		return "exact"
	case Prefix:
		return "prefix"
	case Contains:
		return "contains"
	case Regexp:
		return "regexp"
	}
	return fmt.Sprintf("Match(%d)", uint8(m))
}

// ParseMatch reads a name that [Match.String] gave, in either case.
func ParseMatch(s string) (Match, error) {
	for _, m := range Matches() {
		if strings.EqualFold(s, m.String()) {
			return m, nil
		}
	}
	return Exact, fmt.Errorf("unknown kind of match %q: write exact, prefix, contains or regexp", s)
}

// Rule is a reply and the messages it is for.
type Rule struct {
	Match Match
	// Pattern is what Match says. An empty one of Exact is for empty lines, and of the others for every
	// message.
	Pattern string
	// Reply is text with escapes, and with captures for Regexp. An empty one makes the server say nothing,
	// neither by a later rule nor as an echo.
	Reply string
	Delay time.Duration // before the reply, 0 to MaxDelay
	Off   bool          // the rule is passed over, and not looked at for mistakes
}

// Config is what a server says without a person. The zero value says nothing.
type Config struct {
	Greeting string // for each client that comes; "" for none
	Echo     bool   // messages that no rule is for are sent back
	Prefix   string // goes in front of each echo, as in "Echo -- "
	Rules    []Rule // the first that matches answers
}

// FieldError is what [Compile] reports: the first field that cannot work.
type FieldError struct {
	Field   string // "Greeting", "Prefix", "Rules", or like "Rules[3].Pattern", counted from 0
	Problem string // what is wrong there and what to write instead, in one sentence
}

// Error gives the field and the problem.
func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }
