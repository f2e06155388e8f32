package amf

import (
	"errors"

	"wirebench/sessions/inspect"
)

// Objects is the group of the rows of this package.
const Objects = "objects"

// rowLimits keep a row quick wherever it stands: an object that is larger is
// for [Decode] and a view of its own.
var rowLimits = Limits{Depth: 64, Nodes: 10_000, Bytes: 1 << 20, Text: 1 << 20}

// Rows lists the rows that read an AMF value for the inspector, to be shown
// behind its own: IDataInput.readObject in either version. The byte order makes
// no difference. The slice is the caller's.
func Rows() []inspect.Row {
	return []inspect.Row{
		{ID: "amf0", Name: "AMF0 object", Group: Objects, Single: true, Value: row(AMF0)},
		{ID: "amf3", Name: "AMF3 object", Group: Objects, Single: true, Value: row(AMF3)},
	}
}

func row(version Version) func([]byte, inspect.Order) inspect.Value {
	return func(b []byte, _ inspect.Order) inspect.Value {
		v, n, err := Decode(b, version, rowLimits)
		var e *Error
		switch {
		case err == nil, errors.Is(err, ErrOpaque) && v.opaque():
			return inspect.Value{Text: Summary(v, version, MaxText), Size: n}
		case errors.Is(err, ErrShort) && errors.As(err, &e):
			return inspect.Value{Missing: e.Missing}
		}
		return inspect.Value{Problem: err.Error()}
	}
}
