package policy

import "time"

// MasterPort is where a client asks first. What is served there, the master policy file, also says
// whether files from other ports count.
const MasterPort = 843

// File is what a policy file says as far as sockets go.
type File struct {
	// SiteControl is what a site-control says that other files may do: "all", "master-only", "none", or ""
	// where the file has none, which for sockets is as good as "all".
	SiteControl string
	// Rules are the allow-access-from elements, in order.
	Rules []Rule
}

// Rule is one allow-access-from element.
type Rule struct {
	Line   int         // where it begins, from 1
	Domain string      // "*", "*.example.com", "www.example.com" or an IP address
	Ports  []PortRange // of to-ports, in order; none where the attribute is missing or makes no sense
	Secure bool        // secure="true"
}

// PortRange is a range of ports with both ends in it. To-ports="*" is 1 to 65535.
type PortRange struct{ From, To uint16 }

// Problem is something wrong with a policy file.
type Problem struct {
	Line int    // from 1; 0 for the file as a whole
	Text string // what is wrong and what to write, safe to show
}

// Query is a connection that a SWF wants to make.
type Query struct {
	Domain string // where the SWF is from: a name or an IP address
	Port   uint16 // the port it wants to reach
	Secure bool   // the SWF came over HTTPS
}

// Ruling is what becomes of a [Query].
type Ruling struct {
	Granted bool
	Rule    *Rule // the rule that grants it, or nil
	// Reasons say why in sentences that are safe to show, the deciding one first. Where nothing grants the
	// query there is one for each rule.
	Reasons []string
}

// Ending is how the answer of a server ended.
type Ending uint8

const (
	ZeroByte Ending = iota // with the zero byte that belongs there
	Closed                 // the server closed without one
	TooLong                // it was longer than this side reads
	TimedOut               // nothing more came
	Broken                 // the connection broke
)

// Source is one place that was asked for a policy file.
type Source struct {
	Port     uint16
	Address  string // the address that answered, "" when there was no connection
	Raw      []byte // what came, without its zero byte
	Ending   Ending
	Took     time.Duration
	File     *File     // nil where there is no file that a client would use
	Problems []Problem // every problem of the file, and of how it was served
	Err      error     // why there is no file
}

// Answer is what [Ask] finds.
type Answer struct {
	Host    string
	Port    uint16
	Sources []Source // in the order they were asked
}
