package capture

import "time"

// FlowSpan is a connection among others that may have the same addresses and ports at other times.
type FlowSpan struct {
	// Flow may be as a socket reports it: with zones, and IPv4 addresses mapped into IPv6.
	Flow Flow
	// From and To are the times of its first and last record, or anything around them that leaves out its
	// neighbours; both are part of the span. A zero From is before the capture, a zero To is yet to come.
	From, To time.Time
}
