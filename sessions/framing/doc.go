// Package framing cuts bytes in a row into frames: the messages of a protocol, whatever reads and writes they came in.
//
// # Framings
//
// A [Framing] says where a frame ends: with the read, a silence, a number of bytes, a delimiter, or where the length at
// its beginning says. [Parse] reads one as it is written on the command line and in saved tabs (u16be,offset=1,adjust=-3)
// and String writes it. [Framing.Append] makes a frame of a payload, to be sent.
//
// # What is wrong with a frame
//
// No byte is left out: each is part of exactly one frame, and a frame says in its [State] what is wrong with it, and with
// Len and Declared how many bytes there are of how many. One that the end of its connection cuts off is [Incomplete].
// One of more than [Framing.Max] bytes is [Oversize]. Where a delimiter ends frames, it goes on to the next delimiter,
// and the frame behind that is as good as any. Where frames tell their length, a length of too much, or one that is no
// number, leaves no place to go on from: the rest of the connection in this direction is one frame, Oversize or
// [Malformed], that grows until the connection ends. A new connection begins anew, and so do bytes behind others that
// are missing in the capture, at the next record; the first frame then is [Frame.Torn].
//
// # Ways to cut
//
// A [Cutter] is fed reads and tells of frames as they end; it holds none of their bytes, so no stream can make it take
// more memory. [Messages] is a Cutter that puts payloads together, never more than one of at most Max bytes at a time,
// and any number of them can share a [Budget].
//
// An [Index] lists the frames of a capture, both directions and all connections in one order, without touching it. It
// goes through the capture once in the background, remembers little, and cuts again what it is asked for. Another
// framing is another Index.
package framing
