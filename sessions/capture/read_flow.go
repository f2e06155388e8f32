package capture

import "errors"

// flowAhead is how many records behind the first ReadFlow looks at.
const flowAhead = 4096

// ReadFlow reads what the side that sent r said from off bytes into the payload of r on: payload of the Data records
// of the same flow and direction, whatever lies between them. It returns how many bytes, with an error if that is fewer
// than len(p): io.EOF where there is no more, ErrEvicted when r was deleted.
//
// It looks at no more than 4,096 records behind r, and ends at the next Open of the flow, since that begins another
// connection.
func (l *Log) ReadFlow(r Record, p []byte, off int64) (int, error) {
	return 0, errors.ErrUnsupported
}
