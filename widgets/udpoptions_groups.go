package widgets

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

const (
	groupsShown = 3   // rows, before they scroll
	leastGroup  = 120 // width of an address
	mostGroup   = 300
)

// groupList is the editor of the multicast groups: a line to write one in, and a row for each that was added.
type groupList struct {
	widget.BaseWidget

	join, leave func(g UDPGroup) error

	group, source *checkedEntry
	on            *interfaceChoice
	add           *widget.Button
	problem       *problem // with the group that is being written, or the groups as a whole
	rows          []*groupRow
	box           *fyne.Container
	scroll        *container.Scroll
	body          *fyne.Container
	root          *fyne.Container
	quiet         bool // the fields are being filled
}

var _ formField = (*groupList)(nil)

func newGroupList(join, leave func(g UDPGroup) error) *groupList {
	l := &groupList{join: join, leave: leave, problem: newProblem(), quiet: true}
	entry := func(placeHolder string) *checkedEntry {
		e := newCheckedEntry(placeHolder, leastGroup, func(string) error { return nil }, func() { l.problem.say("") })
		e.size = func() fyne.Size {
			return fyne.NewSize(max(e.Size().Width, e.entry.MinSize().Width), e.entry.MinSize().Height)
		}
		e.elsewhere = l.say
		e.entry.OnSubmitted = func(string) { l.settle() }
		return e
	}
	l.group, l.source = entry(words.Say("like 239.1.2.3 or ff15::1")), entry(words.Say("any source"))
	l.on = newInterfaceChoice(func() { l.complain("") })
	l.add = widget.NewButton(words.Say("Join // a multicast group"), func() {
		if l.empty() {
			l.group.complain(words.Say("write the address of a group, like 239.1.2.3 or ff15::1"))
			return
		}
		l.settle()
	})
	captions := container.New(&groupColumns{l})
	for _, text := range []string{words.Say("Group"), words.Say("Only from"), words.Say("At the interface"), ""} {
		c := widget.NewLabel(text)
		c.SizeName = theme.SizeNameCaptionText
		captions.Add(c)
	}
	l.box = container.NewVBox()
	l.scroll = container.NewVScroll(l.box)
	l.body = container.New(&groupRoom{l}, l.scroll)
	l.root = container.NewVBox(container.New(&tucked{}, captions), l.body,
		container.New(&groupColumns{l}, l.group, l.source, l.on, l.add), l.problem)
	l.quiet = false
	l.ExtendBaseWidget(l)
	l.arrange()
	return l
}

// set replaces the groups. It calls nothing back.
func (l *groupList) set(groups []UDPGroup) {
	l.rows = nil
	for _, g := range groups {
		l.rows = append(l.rows, newGroupRow(l, g))
	}
	l.arrange()
}

// all returns the groups that were added.
func (l *groupList) all() (groups []UDPGroup) {
	for _, r := range l.rows {
		groups = append(groups, r.of)
	}
	return groups
}

// offer sets the interfaces to choose from.
func (l *groupList) offer(interfaces []UDPInterface) {
	l.on.offer(interfaces)
	l.Refresh()
}

// empty tells whether no group is being written.
func (l *groupList) empty() bool {
	return trimBlanks(l.group.text()) == "" && trimBlanks(l.source.text()) == ""
}

// settle adds the group that was written, if there is one, and tells whether nothing was wrong with that.
func (l *groupList) settle() bool {
	if l.empty() {
		return true
	}
	l.complain("")
	g, field, err := l.read()
	if err == nil {
		err = l.join(g)
	}
	if err != nil {
		field.complain(err.Error())
		return false
	}
	l.quiet = true
	l.group.set("")
	l.source.set("")
	l.quiet = false
	l.rows = append(l.rows, newGroupRow(l, g))
	l.arrange()
	l.scroll.ScrollToBottom()
	return true
}

// read returns the group that is being written, or what is wrong with it and where.
func (l *groupList) read() (g UDPGroup, at *checkedEntry, err error) {
	group, source := trimBlanks(l.group.text()), trimBlanks(l.source.text())
	g.Interface = l.on.name()
	g.Addr, err = netip.ParseAddr(group)
	if err != nil || !g.Addr.Unmap().IsMulticast() {
		return g, l.group, errors.New(words.Say("write the address of a group: 224.0.0.0 to 239.255.255.255, or one that begins with ff"))
	}
	if g.Addr.Zone() != "" {
		return g, l.group, errors.New(words.Say("write the group without %%%s, and choose the interface beside it", plainText(g.Addr.Zone(), 40, false)))
	}
	g.Addr = g.Addr.Unmap()
	if source != "" {
		g.Source, err = netip.ParseAddr(source)
		g.Source = g.Source.Unmap().WithZone("")
		switch {
		case err != nil || g.Source.IsMulticast() || g.Source.IsUnspecified():
			return g, l.source, errors.New(words.Say("write the address of the one that sends, like 192.168.1.5, or nothing for anyone"))
		case g.Source.Is4() != g.Addr.Is4():
			return g, l.source, errors.New(words.Say("write a source of the same kind as the group, IPv4 or IPv6"))
		}
	}
	if slices.ContainsFunc(l.rows, func(r *groupRow) bool { return r.of == g }) {
		return g, l.group, errors.New(words.Say("this group is there already"))
	}
	return g, l.group, nil
}

// part leaves a group.
func (l *groupList) part(row *groupRow) {
	if err := l.leave(row.of); err != nil {
		row.complain(err.Error())
		return
	}
	l.rows = slices.DeleteFunc(l.rows, func(r *groupRow) bool { return r == row })
	l.arrange()
	if c := canvasOf(l); c != nil && c.Focused() == nil {
		c.Focus(l.group.entry) // the press took the keyboard away, and the button to give it back to is gone
	}
}

// arrange shows the rows as they are now.
func (l *groupList) arrange() {
	l.box.Objects = nil
	for _, r := range l.rows {
		l.box.Objects = append(l.box.Objects, r)
	}
	l.body.Hidden = len(l.rows) == 0
	l.box.Resize(fyne.NewSize(l.box.Size().Width, l.box.MinSize().Height)) // now: a scroller goes by the size its content has
	l.Refresh()
}

// check is part of formField.
func (l *groupList) check() {
	l.complain("")
	for _, r := range l.rows {
		r.complain("")
	}
}

// complain is part of formField; it is about the groups as a whole.
func (l *groupList) complain(text string) {
	l.quiet = true
	l.group.complain("")
	l.source.complain("")
	l.quiet = false
	if l.problem.say(text) {
		l.Refresh()
	}
}

// said is part of formField.
func (l *groupList) said() string {
	for _, r := range l.rows {
		if r.problem.text != "" {
			return r.problem.text
		}
	}
	return l.problem.text
}

// say shows what is wrong with the group that is being written, under it.
func (l *groupList) say() {
	if l.quiet {
		return
	}
	text := l.group.said()
	if text == "" {
		text = l.source.said()
	}
	if l.problem.say(text) {
		l.Refresh()
	}
}

// setProblem says what an engine has against a group named like "Groups[3]" or "Groups[3].Source".
func (l *groupList) setProblem(field, text string) bool {
	var i int
	if n, _ := fmt.Sscanf(field, "Groups[%d]", &i); n == 0 || i < 0 || i >= len(l.rows) { // not said
		return false
	}
	l.rows[i].complain(text)
	l.reveal(l.rows[i])
	return true
}

// reveal scrolls as little as it takes to show a row with the sentence under it.
func (l *groupList) reveal(r *groupRow) {
	top, bottom := r.Position().Y, r.Position().Y+r.MinSize().Height
	view := l.scroll.Size().Height
	if y := l.scroll.Offset.Y; top < y || bottom > y+view {
		if top > y {
			top = max(bottom-view, 0)
		}
		l.scroll.ScrollToOffset(fyne.NewPos(0, top))
	}
}

// CreateRenderer is part of fyne.Widget.
func (l *groupList) CreateRenderer() fyne.WidgetRenderer { return newFace(l.root, nil) }

// groupRow is a group that was added, with the sentence about what is wrong with it below.
type groupRow struct {
	widget.BaseWidget

	of      UDPGroup
	leave   *widget.Button
	problem *problem
	root    *fyne.Container
	list    *groupList
}

func newGroupRow(l *groupList, g UDPGroup) *groupRow {
	r := &groupRow{of: g, list: l, problem: newProblem()}
	text := func(s string) *SelectableLabel {
		t := NewSelectableLabel(s)
		t.Truncation = fyne.TextTruncateEllipsis
		return t
	}
	source, on := words.Say("any source"), words.Say("the system's choice")
	if g.Source.IsValid() {
		source = g.Source.String()
	}
	if g.Interface != "" {
		on = plainText(g.Interface, 60, false)
	}
	r.leave = widget.NewButton(words.Say("Leave // a multicast group"), func() { l.part(r) })
	r.root = container.NewVBox(container.New(&groupColumns{l}, text(g.Addr.String()), text(source), text(on), r.leave), r.problem)
	r.ExtendBaseWidget(r)
	return r
}

// complain says what is wrong with the group.
func (r *groupRow) complain(text string) {
	if r.problem.say(text) {
		r.Refresh()
		r.list.arrange()
	}
}

// CreateRenderer is part of fyne.Widget.
func (r *groupRow) CreateRenderer() fyne.WidgetRenderer { return newFace(r.root, nil) }

// groupColumns sets the parts of a group side by side: the addresses share what the others leave.
type groupColumns struct{ list *groupList }

var _ fyne.Layout = (*groupColumns)(nil)

// widths returns the columns' widths; for a width of 0, the least.
func (c *groupColumns) widths(width float32) (columns [4]float32, gap float32) {
	gap = theme.Padding()
	choice, button := selectWidth(c.list.on.list), max(c.list.add.MinSize().Width, widget.NewButton(words.Say("Leave // a multicast group"), nil).MinSize().Width)
	left := width - 3*gap - choice - button - theme.SizeForWidget(theme.SizeNameScrollBar, c.list) // which may lie over the right end
	address := min(max(left/2, leastGroup), mostGroup)
	return [4]float32{address, address, choice, button}, gap
}

func (c *groupColumns) MinSize(objects []fyne.CanvasObject) (least fyne.Size) {
	columns, gap := c.widths(0)
	least.Width = 3*gap + theme.SizeForWidget(theme.SizeNameScrollBar, c.list)
	for i, o := range objects {
		least.Width += columns[i]
		least.Height = max(least.Height, o.MinSize().Height)
	}
	return least
}

func (c *groupColumns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	columns, gap := c.widths(size.Width)
	x := float32(0)
	for i, o := range objects {
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(columns[i], size.Height))
		x += columns[i] + gap
	}
}

// groupRoom gives the scroller of the rows the height that they need, up to a limit.
type groupRoom struct{ list *groupList }

var _ fyne.Layout = (*groupRoom)(nil)

func (g *groupRoom) MinSize([]fyne.CanvasObject) fyne.Size {
	s := g.list.box.MinSize()
	if len(g.list.rows) == 0 {
		return s
	}
	row := s.Height // of one that nothing is wrong with
	for _, r := range g.list.rows {
		row = min(row, r.MinSize().Height)
	}
	s.Height = min(s.Height, groupsShown*row+(groupsShown-1)*theme.SizeForWidget(theme.SizeNamePadding, g.list))
	return s
}

func (g *groupRoom) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.Position{})
	o[0].Resize(size)
}
