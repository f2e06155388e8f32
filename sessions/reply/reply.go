// Package reply decides what a server says without a person: a greeting for each client, answers by rules,
// and an echo.
//
// [Compile] reads a [Config] once; the [Replies] it makes answer any number of clients at the same time.
// Nothing here touches the network, and nothing waits: a delay is only told.
package reply

import (
	"fmt"
	"strings"
	"time"
)

// Bounds of a Config and of what comes of it.
const (
	MaxRules = 100       // rules, the ones that are off included
	MaxText  = 64 << 10  // bytes of each text, as typed
	MaxDelay = time.Hour // before a reply
	MaxReply = 1 << 20   // bytes of a reply; a longer one is cut there
)

// Match is how a rule looks at a message.
type Match uint8

const (
	Exact    Match = iota // the message is the pattern, but for a line end
	Prefix                // the message begins with the pattern
	Contains              // the pattern is somewhere in the message
	Regexp                // the regular expression matches somewhere in the message
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
//
// Reply is text with the escapes of [compose.Text], and so is Pattern, unless Match is Regexp: see the
// package's description. A reply of nothing keeps the server silent, and the rules behind it and the echo
// too.
type Rule struct {
	Match   Match
	Pattern string
	Reply   string
	Delay   time.Duration // before the reply, 0 to MaxDelay
	Off     bool          // the rule is not looked at, not even for mistakes
}

// Config is what a server says without a person. The zero value says nothing.
type Config struct {
	Greeting string // for each client that comes, text with escapes; "" for none
	Echo     bool   // messages that no rule is for are sent back
	Prefix   string // goes in front of each echo ("Echo -- "), text with escapes
	Rules    []Rule // the first that matches answers
}

// FieldError is what [Compile] reports: the first field that cannot work.
type FieldError struct {
	Field   string // "Greeting", "Prefix", "Rules", or like "Rules[3].Pattern", counted from 0
	Problem string // what is wrong there and what to write instead
}

// Error gives the field and the problem.
func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// Replies is a compiled [Config]. It never changes and is safe for concurrent use.
type Replies struct {
	greeting []byte
	echo     bool
	prefix   []byte
}

// Compile reads c, which may be changed afterwards. The error is a [*FieldError].
func Compile(c Config) (*Replies, error) {
	r := &Replies{echo: c.Echo, prefix: []byte(c.Prefix)}
	if c.Greeting != "" {
		r.greeting = []byte(c.Greeting)
	}
	return r, nil
}

// Greeting is what a client is sent when it comes, nil for nothing. Nobody may change it.
func (r *Replies) Greeting() []byte { return r.greeting }

// Answer gives what a message is answered with, and how long to wait before.
func (r *Replies) Answer(message []byte) (reply []byte, delay time.Duration, ok bool) {
	if !r.echo {
		return nil, 0, false
	}
	return append(append([]byte(nil), r.prefix...), message...), 0, true
}

// Empty reports whether there is nothing that is ever said.
func (r *Replies) Empty() bool { return r.greeting == nil && !r.echo }
