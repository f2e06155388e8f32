package describe

// Node is one element of a raw ASN.1 structure (X.690), or the place where it
// stops being one.
type Node struct {
	Depth       int // 0 for the outermost
	Offset      int // of its first byte, in bytes
	Header      int // bytes of tag and length
	Length      int // bytes of content, the end-of-contents octets of an indefinite length excluded
	Class       int // 0 universal, 1 application, 2 context-specific, 3 private
	Tag         int
	Constructed bool
	Inside      bool   // it stands inside the octets of the string above it, as the values of extensions do
	Name        string // "SEQUENCE", "[0]", "OBJECT IDENTIFIER"
	Value       string // of a primitive element, safe to show; "" for a constructed one
	Problem     string // what is wrong with it; "" for nothing
}

// ASN1 takes any bytes apart as BER into at most max nodes, in the order of the
// bytes, each with its depth. Elements deeper than 64 levels are not followed.
// Where the bytes stop making sense a last node of Header 0 tells the reason in
// its Problem; the same where max was reached.
func ASN1(der []byte, max int) []Node {
	return nil
}
