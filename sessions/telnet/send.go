package telnet

// ControlFunction is a command that a person sends.
type ControlFunction struct {
	Name    string // as in RFC 854: "Interrupt Process"
	Command Command
	Meaning string // what the server does with it, in a sentence
}
