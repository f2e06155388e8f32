package widgets

import (
	"net/netip"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// ListenPlace is an address of this machine to listen at, or to bind to.
type ListenPlace struct {
	Host     string // as it goes in front of the port, an IPv6 address without brackets; "*" for every interface
	Label    string // what the menu says: "127.0.0.1   lo, loopback, MTU 65536"
	Up       bool   // whether its interface is up; one that is not cannot be chosen
	Separate bool   // a line stands above it
}

// bindLine is the line for an address of this machine, with a menu of those there are.
type bindLine struct {
	addressLine

	// Places returns the addresses to choose from, in the order they are shown. It is called each time the menu opens.
	Places func() []ListenPlace

	places *widget.Button
}

// build makes the parts as that of addressLine does.
func (b *bindLine) build(protocol, placeHolder string, act, enter func(), menu func() *fyne.Menu) {
	b.places = widget.NewButtonWithIcon(words.Say("Interface…"), theme.ComputerIcon(), func() { popUnder(b.places, b.placesMenu()) })
	b.addressLine.build(protocol, placeHolder, act, enter, menu, b.places)
}

// placesMenu lists this machine's addresses.
func (b *bindLine) placesMenu() *fyne.Menu {
	menu := fyne.NewMenu("")
	var places []ListenPlace
	if b.Places != nil {
		places = b.Places()
	}
	for i, p := range places {
		if p.Separate && i > 0 {
			menu.Items = append(menu.Items, fyne.NewMenuItemSeparator())
		}
		menu.Items = append(menu.Items, actionItem(plainText(p.Label, 120, false), func() { b.choose(p.Host) }, p.Up, words.Say("down // of a network interface")))
	}
	if len(menu.Items) == 0 {
		menu.Items = append(menu.Items, actionItem(words.Say("This machine's addresses are not known"), nil, false, ""))
	}
	return menu
}

// choose puts host in place of the one in the field and keeps the port. Where there was none, it is 0, for any.
func (b *bindLine) choose(host string) {
	text := withHost(host, b.entry.Text)
	b.SetText(text)
	if b.OnChanged != nil {
		b.OnChanged(text)
	}
	if c := canvasOf(b.entry); c != nil {
		c.Focus(b.entry)
	}
}

// withHost returns host with the port of address: "0" where address has none.
func withHost(host, address string) string {
	port := portOf(trimBlanks(address))
	if port == "" {
		port = "0"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + port
}

// portOf returns what stands behind the last colon of an address that may be unfinished, "" for nothing. A number
// alone is a port, and an IPv6 address without brackets has none.
func portOf(address string) string {
	if _, err := netip.ParseAddr(address); err == nil {
		return ""
	}
	if strings.Trim(address, "0123456789") == "" {
		return address
	}
	i := strings.LastIndexByte(address, ':')
	if i < 0 || strings.IndexByte(address[i:], ']') >= 0 {
		return ""
	}
	return address[i+1:]
}
