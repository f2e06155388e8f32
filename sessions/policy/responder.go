// Package policy knows the socket policy files that AIR and Flash Player ask a server for before a
// connection is theirs to use: the request, which [Responder] recognises among a connection's first bytes,
// and the file, which [Check] reads for mistakes. [Ask] is the client's side of it, and [Explain] says what a
// file lets whom reach.
//
// The client sends [Request]; the server answers with the file and one zero byte, and closes. It is asked on
// port 843 and then on the port that is wanted, so a server may get the request where it speaks its own
// protocol. The file is XML:
//
//	<cross-domain-policy>
//	  <allow-access-from domain="*.example.com" to-ports="507,516-523"/>
//	</cross-domain-policy>
//
// Nothing here touches the network but [Ask].
package policy

import "fmt"

// Request is what a client asks for a policy file with, the zero byte at its end included.
const Request = "<policy-file-request/>\x00"

// Verdict is what a [Responder] makes of the bytes so far.
type Verdict uint8

const (
	Undecided Verdict = iota // they may become the request, or there are none
	Asked                    // they begin with the request
	Other                    // they are something else
)

// String gives the verdict in a word.
func (v Verdict) String() string {
	switch v {
	case Undecided:
		return "undecided"
	case Asked:
		return "asked"
	case Other:
		return "other"
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// Responder tells whether a connection begins with [Request]. There is one for each connection; the zero
// value is ready. It is not safe for concurrent use.
type Responder struct {
	verdict Verdict
	held    uint8 // how much of Request has come while the verdict is Undecided
}

// Feed takes the next bytes of the connection, and gives the verdict on all of them so far and the bytes
// that are the server's to read:
//
//   - Undecided: none. They are held back, and are no more than 22 bytes in all.
//   - Asked: what came behind the request, which is nothing from a client that keeps to the protocol.
//   - Other: everything held back, and then p. Nothing is lost.
//
// The verdict depends on the bytes alone and not on how they are cut into pieces; once it is Asked or Other
// it stays, and rest is p. The slice rest may share memory with p, and p is not kept.
func (r *Responder) Feed(p []byte) (verdict Verdict, rest []byte) {
	if r.verdict != Undecided {
		return r.verdict, p
	}
	missing := Request[r.held:]
	n := min(len(p), len(missing))
	switch {
	case string(p[:n]) != missing[:n]:
		r.verdict = Other
		rest = p
		if r.held > 0 {
			rest = append([]byte(Request[:r.held]), p...)
		}
	case n < len(missing):
		r.held += uint8(n)
	default:
		r.verdict = Asked
		rest = p[n:]
	}
	return r.verdict, rest
}
