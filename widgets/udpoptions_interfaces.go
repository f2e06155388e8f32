package widgets

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// interfaceColumn is a column of an [interfaceList].
type interfaceColumn uint8

const (
	interfaceName interfaceColumn = iota
	interfaceState
	interfaceMulticast
	interfaceMTU
	interfaceAddress
	interfaceColumns // how many there are
)

// interfaceColumnKinds says how each column is shown.
var interfaceColumnKinds = [interfaceColumns]columnKind{
	interfaceName:      {title: "interface", least: 10, some: 16, words: true},
	interfaceState:     {title: "state", least: 8},
	interfaceMulticast: {title: "multicast", least: 9},
	interfaceMTU:       {title: "MTU", right: true, least: 6, amount: true},
	interfaceAddress:   {title: "address", least: 20, some: 46, words: true},
}

const (
	mostInterfaceName  = 40
	mostInterfaceWords = 60  // of an address with its zone and the length of its prefix
	interfacesHeight   = 140 // the least, for the names of the columns and some rows
)

// interfaceList shows the interfaces of this machine, an address a row, to be looked at and copied: those that are up
// first, and otherwise in the order they were given.
type interfaceList struct {
	rowList[listedAddress, interfaceColumn]
	rows *interfaceRows
}

// listedAddress is an address of an interface, "" where that has none.
type listedAddress struct {
	of      *UDPInterface
	address string
	number  int64 // from 1, in the order they were given
}

// interfaceRows are the interfaces in the order they are shown.
type interfaceRows struct {
	rowTable[listedAddress, interfaceColumn]
}

var (
	_ fyne.Widget = (*interfaceList)(nil)
	_ grid.Source = (*interfaceRows)(nil)

	_ rowContent[listedAddress, interfaceColumn] = (*interfaceRows)(nil)
)

func newInterfaceList() *interfaceList {
	l := &interfaceList{rows: &interfaceRows{}}
	l.rows.of = l.rows
	l.rows.kinds = interfaceColumnKinds[:]
	l.rows.sort = interfaceState
	l.noun, l.copyHeader, l.copyRow = "address", "interface\tstate\tmulticast\tMTU\taddress\n", copiedInterface
	l.hint = func() string { return words.Say("No interfaces known") }
	l.build(words.Say("Interfaces"), &l.rows.rowTable, l.rows)
	l.ExtendBaseWidget(l)
	l.setRows(nil, time.Time{})
	return l
}

// offer shows other interfaces. Addresses that are still there stay selected.
func (l *interfaceList) offer(interfaces []UDPInterface) {
	interfaces = slices.Clone(interfaces)
	type known struct{ name, address string }
	chosen := map[known]bool{}
	for rank := range l.rows.chosen() {
		r := l.rows.ranked(int32(rank))
		chosen[known{r.of.Name, r.address}] = true
	}
	var rows []listedAddress
	var selected []int64
	for i := range interfaces {
		for address := range strings.SplitSeq(interfaces[i].Addresses, ",") {
			r := listedAddress{&interfaces[i], trimBlanks(address), int64(len(rows) + 1)}
			if chosen[known{r.of.Name, r.address}] {
				selected = append(selected, r.number)
			}
			rows = append(rows, r)
		}
	}
	l.setRows(rows, time.Time{})
	l.selectNumbers(selected)
}

// state says whether it can be used, and what else is special; "" for unknown.
func (i *UDPInterface) state() words.Text {
	switch {
	case i.MTU == 0:
		return ""
	case i.Up && i.Loopback:
		return "up, loopback"
	case i.Up:
		return "up // of an interface"
	case i.Loopback:
		return "down, loopback"
	}
	return "down // of an interface"
}

// groups is a word for whether groups can be joined at it, "" for unknown.
func (i *UDPInterface) groups() words.Text {
	switch {
	case i.MTU == 0:
		return ""
	case i.Multicast:
		return "yes"
	}
	return "no"
}

// label is what the lists to choose from say.
func (i *UDPInterface) label() string {
	if i.Label != "" {
		return i.Label
	}
	label := i.Name
	if first, _, _ := strings.Cut(i.Addresses, ","); first != "" {
		first, _, _ = strings.Cut(first, "/")
		label += ", " + trimBlanks(first)
	}
	switch {
	case i.MTU == 0:
	case !i.Up:
		label = words.Say("%s, down", label)
	case !i.Multicast:
		label = words.Say("%s, no multicast", label)
	}
	return label
}

func (s *interfaceRows) numberOf(r *listedAddress) int64 { return r.number }
func (s *interfaceRows) keeps(*listedAddress) bool       { return true }
func (s *interfaceRows) title(c interfaceColumn) string {
	return words.Say(interfaceColumnKinds[c].title)
}

func (s *interfaceRows) words(r *listedAddress) string {
	if s.sort == interfaceName {
		return r.of.Name
	}
	return r.address
}

// key is what an interface is sorted by: those that are up and have multicast stand before the others.
func (s *interfaceRows) key(r *listedAddress) (k rowKey) {
	last := func(good bool) int64 {
		if good {
			return 0
		}
		return 1
	}
	switch s.sort {
	case interfaceState:
		k.none = r.of.MTU == 0
		k.signed(last(r.of.Up))
	case interfaceMulticast:
		k.none = r.of.MTU == 0
		k.signed(last(r.of.Multicast))
	case interfaceMTU:
		k.signed(int64(r.of.MTU))
		k.none = r.of.MTU == 0
	case interfaceName, interfaceAddress:
		k.none = s.words(r) == ""
	}
	return k
}

func (s *interfaceRows) measure() {
	clear(s.want)
	for i := range s.rows {
		r := &s.rows[i]
		s.grow(interfaceName, min(cellsOf(r.of.Name), mostInterfaceName))
		s.grow(interfaceState, cellsOf(words.Say(r.of.state())))
		s.grow(interfaceMulticast, cellsOf(words.Say(r.of.groups())))
		s.grow(interfaceMTU, digits(int64(r.of.MTU)))
		s.grow(interfaceAddress, min(cellsOf(r.address), mostInterfaceWords))
	}
}

// like shows what cannot be used dim; the words say so too.
func (s *interfaceRows) like(r *listedAddress) grid.Cell {
	if r.of.MTU > 0 && !r.of.Up {
		return grid.Cell{Fg: grid.Muted}
	}
	return grid.Cell{Fg: grid.Foreground}
}

// follows tells whether the row above is about the same interface.
func (s *interfaceRows) follows(r *listedAddress) bool {
	above := s.at(s.rowOf(r.number) - 1)
	return above != nil && above.of == r.of
}

// cell appends what an interface has in one column; only the first of its rows says more than the address.
func (s *interfaceRows) cell(cells []grid.Cell, r *listedAddress, at columnPlace[interfaceColumn], like grid.Cell) []grid.Cell {
	b := s.scratch[:0]
	switch {
	case at.column == interfaceAddress:
		return grid.AppendText(cells, fitMiddle(plainText(r.address, mostInterfaceWords+1, false), at.width), like)
	case s.follows(r):
	case at.column == interfaceName:
		return grid.AppendText(cells, fitCells(plainText(r.of.Name, mostInterfaceName+1, false), at.width), like)
	case at.column == interfaceState:
		b = append(b, words.Say(r.of.state())...)
	case at.column == interfaceMulticast:
		b = append(b, words.Say(r.of.groups())...)
	case at.column == interfaceMTU && r.of.MTU > 0:
		b = strconv.AppendInt(b, int64(r.of.MTU), 10)
	}
	return s.appendText(cells, b, at, like)
}

// copiedInterface has everything in every row, so that a spreadsheet can go on with them.
func copiedInterface(r *listedAddress) []string {
	mtu := ""
	if r.of.MTU > 0 {
		mtu = strconv.Itoa(r.of.MTU)
	}
	return []string{plainText(r.of.Name, 400, false), r.of.state().English(), r.of.groups().English(), mtu, plainText(r.address, 400, false)}
}

// tall gives its object a least height, and all the room there is.
type tall struct{ least float32 }

var _ fyne.Layout = (*tall)(nil)

func (t *tall) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().Max(fyne.NewSize(0, t.least))
}

func (t *tall) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }
