package describe

import (
	"fmt"
	"strconv"
)

// maxTreeValue is how many bytes of a value the raw tree shows.
const maxTreeValue = 512

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
// Where the bytes stop making sense a node of Header 0 tells the reason in its
// Problem and takes in, as its Length, what is skipped; where max was reached
// the last node does the same.
func ASN1(der []byte, max int) []Node {
	if max < 1 {
		return nil
	}
	t := tree{der: der, max: max, work: maxWork}
	t.walk(0, len(der), 0, false)
	return t.nodes
}

type tree struct {
	der   []byte
	nodes []Node
	max   int
	work  int
	full  bool
}

// put adds a node, or makes the last one the notice that there is no room.
func (t *tree) put(n Node) {
	if len(t.nodes) < t.max {
		t.nodes = append(t.nodes, n)
		return
	}
	t.full = true
	last := &t.nodes[len(t.nodes)-1]
	*last = Node{Depth: last.Depth, Offset: last.Offset, Length: len(t.der) - last.Offset,
		Problem: fmt.Sprintf("the rest is left out: more than %s", plural(t.max, "element"))}
}

func (t *tree) walk(pos, end, depth int, inside bool) {
	for pos < end && !t.full {
		e, err := scan(t.der, pos, end, &t.work)
		if err != nil {
			t.put(Node{Depth: depth, Offset: pos, Length: end - pos, Inside: inside, Problem: err.Text})
			return
		}
		n := Node{Depth: depth, Offset: pos, Header: e.at - e.off, Length: len(e.body), Class: e.class, Tag: e.tag,
			Constructed: e.constructed, Inside: inside, Name: e.name(), Problem: e.deviation}
		if e.cut != "" {
			n.Problem = e.cut
		}
		from, wrapped := e.at, false
		if !e.constructed {
			from, wrapped = wraps(e)
			if !wrapped {
				var problem string
				if n.Value, problem = treeValue(e); n.Problem == "" {
					n.Problem = problem
				}
			}
		}
		follow := (e.constructed || wrapped) && len(e.body) > 0
		if follow && depth == maxNesting-1 {
			follow = false
			n.Problem = fmt.Sprintf("nested deeper than %d levels: not followed", maxNesting)
		}
		t.put(n)
		if follow {
			t.walk(from, e.at+len(e.body), depth+1, wrapped)
		}
		pos += len(e.full)
	}
}

// wraps tells whether a string holds exactly one element in turn, and where
// that begins. What extensions and keys are wrapped in is only bytes by its
// type, so this is a guess: a well-formed header whose length fits to the byte.
func wraps(e element) (from int, ok bool) {
	b := e.body
	switch {
	case e.is(tagBitString) && len(b) > 2 && b[0] == 0 && b[1] == 0x30:
		b = b[1:]
	case e.is(tagOctetString) && len(b) > 1:
	default:
		return 0, false
	}
	switch b[0] {
	case 0x30, tagBitString, tagOctetString, tagIA5String, tagUTF8String, tagBMPString, tagBoolean, tagInteger, tagNull:
	default:
		return 0, false
	}
	inner, length, err := header(b, 0, len(b))
	if err != nil || length < 0 || length != len(b)-inner.at || inner.deviation != "" {
		return 0, false
	}
	return e.at + len(e.body) - len(b), true
}

// treeValue writes the content of a primitive element.
func treeValue(e element) (value, problem string) {
	if e.class != universal {
		if printable(e.body) {
			return shown(e.body, maxTreeValue), ""
		}
		return hexUpTo(e.body, maxTreeValue), ""
	}
	switch e.tag {
	case tagBoolean:
		value, problem = booleanText(e.body)
		switch value {
		case "yes":
			value = "TRUE"
		case "no":
			value = "FALSE"
		}
		return value, problem
	case tagInteger, tagEnumerated:
		return integerText(e.body)
	case tagNull:
		if len(e.body) > 0 {
			return hexUpTo(e.body, maxTreeValue), "a NULL with content"
		}
		return "", ""
	case tagOID:
		oid, problem := oidText(e.body)
		return named(oid), problem
	case tagBitString:
		_, unused, problem := bitString(e.body)
		value = hexUpTo(e.body[min(1, len(e.body)):], maxTreeValue)
		if unused > 0 && problem == "" {
			value += " (the last " + plural(unused, "bit") + " unused)"
		}
		return value, problem
	case tagUTCTime, tagGeneralizedTime:
		t, problem := parseTime(e)
		if t.IsZero() {
			return shown(e.body, maxTreeValue), problem
		}
		return timeText(t), problem
	}
	if s, ok, problem := stringText(e); ok {
		return shown([]byte(s), maxTreeValue), problem
	}
	return hexUpTo(e.body, maxTreeValue), ""
}

var universalNames = map[int]string{
	0: "END OF CONTENTS", tagBoolean: "BOOLEAN", tagInteger: "INTEGER", tagBitString: "BIT STRING", tagOctetString: "OCTET STRING",
	tagNull: "NULL", tagOID: "OBJECT IDENTIFIER", 7: "OBJECT DESCRIPTOR", 8: "EXTERNAL", 9: "REAL", tagEnumerated: "ENUMERATED",
	11: "EMBEDDED PDV", tagUTF8String: "UTF8String", 13: "RELATIVE-OID", 14: "TIME", tagSequence: "SEQUENCE", tagSet: "SET",
	tagNumericString: "NumericString", tagPrintableString: "PrintableString", tagT61String: "TeletexString",
	tagVideotexString: "VideotexString", tagIA5String: "IA5String", tagUTCTime: "UTCTime", tagGeneralizedTime: "GeneralizedTime",
	tagGraphicString: "GraphicString", tagVisibleString: "VisibleString", tagGeneralString: "GeneralString",
	tagUniversalString: "UniversalString", 29: "CHARACTER STRING", tagBMPString: "BMPString",
}

// nameOf writes a tag as ASN.1 does.
func nameOf(class, tag int) string {
	n := strconv.Itoa(tag)
	switch class {
	case universal:
		if name, ok := universalNames[tag]; ok {
			return name
		}
		return "[UNIVERSAL " + n + "]"
	case 1:
		return "[APPLICATION " + n + "]"
	case contextSpecific:
		return "[" + n + "]"
	}
	return "[PRIVATE " + n + "]"
}

func (e element) name() string { return nameOf(e.class, e.tag) }

// described is name with an article, and with the form where that is the
// surprise.
func (e element) described() string {
	if e.class == universal && e.constructed != (e.tag == tagSequence || e.tag == tagSet) {
		if e.constructed {
			return "a constructed " + e.name()
		}
		return "a primitive " + e.name()
	}
	return article(e.name())
}
