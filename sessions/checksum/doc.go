// Package checksum works out the checksums that protocols put behind or before
// their messages: CRCs of 8 to 64 bits by preset, Adler, Fletcher, sums and
// exclusive ors.
//
// [All] lists the presets and [Sum] applies one. [New] is for bytes that come
// in pieces. [Match] turns the question round: which of them gives the value
// that stands beside these bytes? [Matcher.AtEnd] asks it of the last bytes of a
// whole message.
//
// A CRC is described by the parameters of Ross Williams' "A Painless Guide to
// CRC Error Detection Algorithms" (the Rocksoft model); names and values follow
// Greg Cook's catalogue of parametrised CRC algorithms.
//
// All functions are safe for concurrent use and none keeps the slice it is
// given. A [Hash] and a [Matcher] belong to one goroutine at a time.
package checksum
