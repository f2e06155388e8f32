package widgets

// ClientColumn is a column of a [ClientList], to sort by.
type ClientColumn uint8

const (
	ColumnNumber ClientColumn = iota
	ColumnAddress
	ColumnState
	ColumnSince // or for how long, see [ClientList.SetTimeMode]
	ColumnSeen
	ColumnIn
	ColumnOut
	ColumnMessagesIn
	ColumnMessagesOut
	ColumnRate
	ColumnPending
	ColumnDropped
	ColumnEnded
	ColumnWhy
	ColumnTLS
	clientColumns // how many there are
)
