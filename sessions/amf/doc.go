// Package amf reads and writes the Action Message Format of ActionScript, the
// bytes of IDataInput.readObject and IDataOutput.writeObject: AMF0 (Adobe,
// December 2007) and AMF3 (Adobe, January 2013).
//
// [Decode] makes a [Value], a tree that holds all that is needed to write it
// again with [Encode]. [Format] shows it line by line, [Text] writes it in a
// notation that [ParseText] reads, and [JSON] is for machines.
//
// Bytes from the wire are hostile: [Limits] bound the depth, the number of
// values and the bytes; a reference to a value is kept as a reference, so a
// value that contains itself is still a finite tree. AMF is big-endian
// whatever the byte order of the connection.
//
// All functions are pure and safe for concurrent use; none keeps the slice it
// is given.
package amf
