// Package capture is the traffic log: everything a session sent and received, on disk, in the order it happened.
//
// # The file is the truth
//
// A [Log] is a row of segments, each a pcapng file (draft-ietf-opsawg-pcapng) that Wireshark opens as it is. A record
// is one packet: an IP header and a TCP or UDP header made up around what one read or write moved, with its time in
// nanoseconds, its direction in epb_flags, and its note as the packet's comment. Sequence numbers run from the SYN of
// an [Open] record to the FIN of [Close] or the RST of [Reset], over segments and past 4 GiB, so that Follow Stream
// shows every byte. IPv4 header checksums are right; TCP and UDP checksums are zero, as of a packet that was captured
// before the network card filled them in. What is no packet is no packet in the file either: a [Note] within a TCP
// connection is a bare ACK with a comment, every other one is an IP packet of protocol 253, which is for experiments.
//
// Segments are named <created>-<session>-0001.pcapng and so on. The comment of each one's section header is the [Meta]
// as JSON. A segment is closed at [Options].SegmentSize; when all of them take more than [Options].Budget, the oldest
// is deleted, and [Stats] counts what went.
//
// # Writing
//
// [Log.Append] copies a record into a batch under a short lock. One goroutine writes batches: at once after a silence,
// else 256 KiB or 5 ms worth at a time. A record is readable once it is written, and what is readable survives the end
// of the process, however it ends. Another goroutine syncs once a second, for the end of the machine's power. At most
// 8 MiB wait for the disk; then Append waits, and with it the socket.
//
// When the disk fails, capturing stops and says why in [Stats].Err. What was written stays readable, what comes is
// counted as lost, and [Log.Resume] goes on in a new segment, with a note of how much is missing. Sequence numbers
// leave a hole for it, so that no reader joins what does not belong together.
//
// # Reading
//
// Offsets count payload bytes: of what came in, of what went out, or of both interleaved; see [Stream]. In memory is
// only a sparse index, one entry per 64 KiB of file: some 5 MiB for a capture of 8 GiB. To find a record or a byte,
// a reader looks up the entry before it and goes from block to block from there: tens of microseconds, however large
// the capture is. It reads with pread, since a mapped file would kill the process when the disk fails.
//
// A server's capture holds thousands of connections, record by record as they came. [Criteria].Flows picks some of them
// out for a [Filter], by their addresses as they stand in the packets; [Log.ReadFlow] reads on in one.
//
// [OpenFiles] makes the same index of files on disk, also of other programs' pcapng and pcap files. There it works out
// what only those who were there can know: which side is the local one, which segments were repeated, and what is
// missing.
//
// # Recovery
//
// Beside the segments of a live log lies a marker, <created>-<session>.live, under a lock that the operating system
// lets go of with the process. [Orphans] finds the markers that nobody holds, and with them the captures of processes
// that died; [Finished] and [Prune] deal with the others.
package capture
