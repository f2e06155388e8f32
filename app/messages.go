package app

import (
	"encoding/json"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/messages"
)

// sentMessage is one message of the composer's history as kept on disk. A plain
// string stands for text without an ending; what was kept before messages had a
// mode is such strings.
type sentMessage struct {
	Mode   string `json:"mode,omitempty"` // "hex" or "fields"; "" is text
	Text   string `json:"text"`
	Ending string `json:"ending,omitempty"`
	Order  string `json:"order,omitempty"` // "big" or "little", of fields
}

// UnmarshalJSON implements [json.Unmarshaler].
func (m *sentMessage) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*m = sentMessage{}
		return json.Unmarshal(b, &m.Text)
	}
	type plain sentMessage
	return json.Unmarshal(b, (*plain)(m))
}

// keepSent gives a history as it is kept.
func keepSent(history []messages.Message) []sentMessage {
	var kept []sentMessage
	for _, m := range history {
		k := sentMessage{Text: m.Body, Order: orderWord(m.Order)}
		if m.Mode != messages.Text {
			k.Mode = string(m.Mode)
		}
		if m.Ending != compose.None {
			k.Ending = m.Ending.String()
		}
		kept = append(kept, k)
	}
	return kept
}

// keptSent gives a history as it was kept.
func keptSent(kept []sentMessage) []messages.Message {
	var history []messages.Message
	for _, k := range kept {
		m := messages.Message{Mode: modeOf(k.Mode), Body: k.Text, Order: orderOf(k.Order)}
		if e, err := compose.ParseEnding(k.Ending); err == nil {
			m.Ending = e
		}
		history = append(history, m)
	}
	return history
}

// modeOf reads a mode of the workspace; what it does not know is text.
func modeOf(word string) messages.Mode {
	switch m := messages.Mode(word); m {
	case messages.Hex, messages.Fields:
		return m
	}
	return messages.Text
}

// orderWord is how the workspace has a byte order; the tab's own is "".
func orderWord(o fields.Order) string {
	switch o {
	case fields.Big:
		return "big"
	case fields.Little:
		return "little"
	}
	return ""
}

// orderOf reads what orderWord wrote.
func orderOf(word string) fields.Order {
	switch word {
	case "big":
		return fields.Big
	case "little":
		return fields.Little
	}
	return fields.Default
}
