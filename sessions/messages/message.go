package messages

// Mode is the notation of a message.
type Mode string

const (
	Text   Mode = "text"
	Hex    Mode = "hex"
	Fields Mode = "fields"
)

// Message is one saved message.
type Message struct {
	Name   string
	Mode   Mode
	Body   string // in the notation of Mode
	Ending string // name of a compose.Ending; of text
	Order  string // "", "big" or "little"; of fields
	Target string // URL such as tcp://127.0.0.1:7777, or ""
	Note   string
}

// Collection is the messages of one file.
type Collection struct {
	Name     string
	Messages []Message
}

// Store is a folder of collections.
type Store struct{ folder string }

// Open names the folder. It need not exist.
func Open(folder string) *Store { return &Store{folder} }

// Imported is what a foreign file had.
type Imported struct {
	Messages []Message
	Notes    []Note
}

// Note says what could not be taken over from a packet.
type Note struct {
	Packet  string
	Skipped bool
	Problem string
}

// ImportPacketSender reads the INI or the JSON export of Packet Sender.
func ImportPacketSender(data []byte) (Imported, error) { return Imported{}, nil }
