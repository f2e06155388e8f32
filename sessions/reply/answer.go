package reply

import (
	"bytes"
	"regexp"
	"time"
)

// Replies is a compiled [Config]. It never changes, and it is safe for concurrent use.
type Replies struct {
	greeting []byte
	echo     bool
	prefix   []byte
	rules    []rule // those that are not off
}

// rule is a compiled Rule.
type rule struct {
	match    Match
	lineEnd  bool   // the pattern of Exact ends with a line end, so that of the message counts
	pattern  []byte // nil for Regexp
	re       *regexp.Regexp
	reply    []byte // nil for none
	captures template
	delay    time.Duration
}

// Greeting is what a client is sent when it comes, nil for nothing. Nobody may change it.
func (r *Replies) Greeting() []byte { return r.greeting }

// Empty reports whether there is neither a greeting nor an echo nor a rule that is not off.
func (r *Replies) Empty() bool { return r.greeting == nil && !r.echo && len(r.rules) == 0 }

// Answer gives what a message is answered with, and how long to wait before: the reply of the first rule
// that matches, else the echo. With ok and no reply a rule wants nothing to be said; without ok nothing is
// for this message.
//
// The reply may be shared with other answers, so nobody may change it. It never shares memory with message,
// which is not kept. It has MaxReply bytes at most: of an echo or of captures that come to more, the rest is
// left out.
func (r *Replies) Answer(message []byte) (reply []byte, delay time.Duration, ok bool) {
	for i := range r.rules {
		rule := &r.rules[i]
		if rule.captures != nil {
			if found := rule.re.FindSubmatchIndex(message); found != nil {
				return rule.captures.expand(message, found), rule.delay, true
			}
		} else if rule.matches(message) {
			return rule.reply, rule.delay, true
		}
	}
	if !r.echo {
		return nil, 0, false
	}
	n := len(r.prefix) + len(message)
	reply = make([]byte, min(n, MaxReply))
	copy(reply[copy(reply, r.prefix):], message)
	return reply, 0, true
}

// matches reports whether the rule is for a message.
func (r *rule) matches(message []byte) bool {
	switch r.match {
	case Exact:
		if !r.lineEnd {
			message = message[:len(message)-lineEnd(message)]
		}
		return bytes.Equal(message, r.pattern)
	case Prefix:
		return bytes.HasPrefix(message, r.pattern)
	case Contains:
		return bytes.Contains(message, r.pattern)
	default:
		return r.re.Match(message)
	}
}

// lineEnd gives the length of the line end that p ends with, 0 for none.
func lineEnd(p []byte) int {
	n := len(p)
	switch {
	case n == 0:
		return 0
	case n > 1 && p[n-2] == '\r' && p[n-1] == '\n':
		return 2
	case p[n-1] == '\n', p[n-1] == '\r', p[n-1] == 0:
		return 1
	}
	return 0
}
