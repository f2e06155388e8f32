package app

import (
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// charset is the one that text is read in.
func (c viewChoice) charset() *charset.Charset {
	if c.Charset != "" {
		if chosen, err := charset.Lookup(c.Charset); err == nil {
			return chosen
		}
	}
	return charset.UTF8
}

// order is the byte order that is emphasised.
func (c viewChoice) order() inspect.Order {
	if c.LittleEndian {
		return inspect.Little
	}
	return inspect.Big
}

// arrangeText follows the person's choices about the bytes and their text.
func (v *trafficView) arrangeText() {
	c := v.bench.space.View
	v.hex.SetBytesPerRow(c.BytesPerRow)
	v.hex.SetGrouping(max(c.Grouping, 1))
	v.hex.SetCharset(c.charset(), c.order())
	v.inspector.SetCharset(c.charset())
	v.inspector.SetOrder(c.order())
	v.findBar.SetCharset(c.charset(), c.order())
}

// askCharset lets a person find the charset of text by a few letters of its
// name, or of what is written in it.
func (w *workbench) askCharset() {
	p := widgets.NewPalette(func() []widgets.Command {
		now := w.space.View.charset().Name()
		var list []widgets.Command
		for _, c := range charset.Choices() {
			name := c.Name + ", " + c.Script
			if c.Note != "" {
				name += " (" + c.Note + ")"
			}
			chosen := ""
			if c.Name == now {
				chosen = words.Say("chosen // of charsets")
			}
			list = append(list, widgets.Command{Name: name, Shortcut: chosen, Enabled: true, Run: func() { w.setCharset(c.Name) }})
		}
		return list
	})
	p.SetWords(words.Say("Read text in the charset…"), words.Say("No charset has these letters in this order."))
	p.Show(w.win.Canvas())
}

// setCharset reads text in another charset, in every tab from now on.
func (w *workbench) setCharset(name string) {
	w.space.View.Charset = name
	if name == charset.UTF8.Name() {
		w.space.View.Charset = ""
	}
	w.viewChanged()
}
