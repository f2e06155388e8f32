package widgets

import (
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// UDPGroup is a multicast group to be a member of.
type UDPGroup struct {
	Addr, Source netip.Addr // an invalid Source is any
	Interface    string     // "" is the system's choice
}

// UDPValues are the options of a UDP socket that a person sets.
type UDPValues struct {
	ReuseAddress  bool
	Broadcast     bool
	TTL           int // 0 is the system's, else 1 to 255
	ReceiveBuffer int // bytes, 0 for what is usual, else up to 1 GiB

	Groups             []UDPGroup
	MulticastInterface string // what datagrams to groups leave by; "" is the system's choice
	MulticastTTL       int    // 1 to 255; 0 stands for 1
	MulticastLoop      bool   // this machine gets them too
}

// live returns what of v acts at once, but for the groups.
func (v UDPValues) live() UDPValues {
	v.ReuseAddress, v.ReceiveBuffer, v.Groups = false, 0, nil
	return v
}

// UDPInterface is an interface of this machine to choose, and to know about. An MTU of 0 says that nothing is known but
// what it is called.
type UDPInterface struct {
	Name  string // "eth0"
	Label string // what the lists to choose from say: "eth0, 192.168.1.5"; "" for name, first address and what is amiss

	Addresses string // all of them, each with the length of its prefix: "192.168.1.5/24, fe80::1/64"
	MTU       int    // bytes
	Up        bool
	Loopback  bool
	Multicast bool // groups can be joined at it
}

const (
	usualReceiveBuffer = 64 << 20
	mostReceiveBuffer  = 1 << 30
)

// UDPOptions is the form for [UDPValues], in the pages Socket and Multicast, and a third one that lists the Interfaces of
// this machine. Bad input marks its field, says what to write under it, and is kept. All methods belong to the UI
// goroutine.
//
// SetProblem takes the names that the engine has for its fields: "TTL", "ReceiveBuffer", "Groups[2]",
// "MulticastInterface".
type UDPOptions struct {
	formPages

	// OnChanged is called when the person has changed something that acts at once: broadcast, a time to live, or how
	// datagrams to groups leave. A text counts when its field is left or Enter is pressed in it. It is not called while
	// one of those fields holds something that cannot be used, and as long as it runs, Values is about those fields
	// alone.
	OnChanged func()
	// OnJoin is called for a group that the person adds. What it returns stands at the fields, and the group is not
	// added. For a socket that is not bound it returns nil: the group is joined with the others then.
	OnJoin func(g UDPGroup) error
	// OnLeave is called for a group that the person removes. What it returns stands at its row, and the row stays.
	OnLeave func(g UDPGroup) error

	reuse, broadcast, loop    *checkedBox
	ttl, buffer, multicastTTL *checkedEntry
	granted                   *widget.Label
	groups                    *groupList
	outgoing                  *interfaceChoice
	interfaces                *interfaceList
	values, told              UDPValues // the last good numbers; what acts at once, as last told
	quiet                     bool      // the form is being filled by the program
	telling                   bool      // OnChanged runs
}

var _ fyne.Widget = (*UDPOptions)(nil)

// NewUDPOptions returns the form, filled with v.
func NewUDPOptions(v UDPValues) *UDPOptions {
	o := &UDPOptions{interfaces: newInterfaceList()}
	o.pages = container.NewAppTabs(o.socketPage(), o.multicastPage(), o.page(words.Say("Interfaces"), container.New(&tall{interfacesHeight}, o.interfaces)))
	o.ExtendBaseWidget(o)
	o.SetValues(v)
	o.spread(usualWidth)
	return o
}

func (o *UDPOptions) socketPage() *container.TabItem {
	o.reuse = o.box("ReuseAddress", words.Say("Reuse the address: others may be bound to it too"))
	o.broadcast = o.box("Broadcast", words.Say("Allow broadcast")) // not said
	o.ttl = o.number("TTL", words.Say("system's // time to live"), "write a whole number from 1 to 255, or nothing for the system's",
		func(n int) { o.values.TTL = n })
	o.buffer = o.line("ReceiveBuffer", exactSize(usualReceiveBuffer), 110, func(s string) error {
		n := int64(0)
		var err error
		if trimBlanks(s) != "" {
			n, err = parseSize(s, mostReceiveBuffer)
		}
		if err == nil {
			o.values.ReceiveBuffer = int(n)
		}
		return err
	})
	o.granted = widget.NewLabel("")
	o.granted.Importance = widget.LowImportance
	o.loose = append(o.loose, "ReuseAddress", "Broadcast") // not said
	return o.form(words.Say("Socket"), words.Say("Broadcast and the time to live act at once, the rest when the socket is bound. Datagrams that find the receive buffer full are lost; the system may give less than is asked for."),
		o.reuse, o.broadcast, o.put("TTL", words.Say("Time to live"), o.ttl), container.New(&behindInput{o.buffer}, o.put("ReceiveBuffer", words.Say("Receive buffer"), o.buffer), o.granted))
}

func (o *UDPOptions) multicastPage() *container.TabItem {
	o.groups = newGroupList(func(g UDPGroup) error {
		if o.OnJoin == nil {
			return nil
		}
		return o.OnJoin(g)
	}, func(g UDPGroup) error {
		if o.OnLeave == nil {
			return nil
		}
		return o.OnLeave(g)
	})
	o.know("Groups", o.groups) // not said
	o.outgoing = newInterfaceChoice(o.commit)
	o.know("MulticastInterface", o.outgoing)
	o.multicastTTL = o.number("MulticastTTL", "1", "write a whole number from 1 to 255, or nothing for 1", func(n int) { o.values.MulticastTTL = max(n, 1) })
	o.loop = o.box("MulticastLoop", words.Say("Loop back: this machine receives them too"))
	o.loose = append(o.loose, "Groups", "MulticastLoop") // not said
	return o.page(words.Say("Multicast"), container.NewVBox(o.groups, widget.NewSeparator(), container.New(&flow{},
		o.put("MulticastInterface", words.Say("Datagrams to groups leave by"), o.outgoing), o.put("MulticastTTL", words.Say("Time to live"), o.multicastTTL), o.loop)))
}

func (o *UDPOptions) box(name, label string) *checkedBox {
	b := newCheckedBox(label, o.commit)
	o.know(name, b)
	return b
}

// number is a field for a time to live: 1 to 255, or nothing; wrong says so.
func (o *UDPOptions) number(name, placeHolder string, wrong words.Text, take func(n int)) *checkedEntry {
	e := o.line(name, placeHolder, 80, func(s string) error {
		n := int64(0)
		var err error
		if trimBlanks(s) != "" {
			n, err = parseCount(s, 1, 255)
		}
		if err != nil {
			return errors.New(words.Say(wrong))
		}
		take(int(n))
		return nil
	})
	e.onDone = o.commit
	return e
}

// SetValues fills the form. It calls nothing back.
func (o *UDPOptions) SetValues(v UDPValues) {
	o.quiet = true
	defer func() { o.quiet = false }()
	number := func(n int) string {
		if n <= 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	o.reuse.set(v.ReuseAddress)
	o.broadcast.set(v.Broadcast)
	o.ttl.set(number(v.TTL))
	o.buffer.set("")
	if v.ReceiveBuffer > 0 {
		o.buffer.set(exactSize(int64(v.ReceiveBuffer)))
	}
	o.groups.set(v.Groups)
	o.outgoing.set(v.MulticastInterface)
	o.multicastTTL.set(number(max(v.MulticastTTL, 1)))
	o.loop.set(v.MulticastLoop)
	o.told = o.collect().live()
	o.Refresh()
}

// Values returns the options and whether every field holds something that can be used; otherwise the page of one that
// does not is shown. What SetProblem said is forgotten: whoever asks tries again. A number that cannot be read is
// returned as it was before. A group that was written and not added yet is added, OnJoin called.
//
// As long as OnChanged runs, only the fields that act at once take part, and no page is turned.
func (o *UDPOptions) Values() (v UDPValues, valid bool) {
	if o.telling {
		return o.Live()
	}
	bad := o.firstBad(nil)
	if bad == "" && !o.groups.settle() {
		bad = "Groups" // not said
	}
	if bad != "" && !o.badShown() {
		o.turnTo(bad)
	}
	return o.collect(), bad == ""
}

// Live is Values for what acts at once: valid is about those fields alone, and no page is turned.
func (o *UDPOptions) Live() (v UDPValues, valid bool) {
	bad := o.firstBad(func(name string) bool { return name != "ReuseAddress" && name != "ReceiveBuffer" && name != "Groups" }) // not said
	return o.collect(), bad == ""
}

// badShown reports whether the page that is shown has a bad field.
func (o *UDPOptions) badShown() bool {
	for name, e := range o.fields {
		if e.said() != "" && o.at[name] == o.pages.SelectedIndex() {
			return true
		}
	}
	return false
}

func (o *UDPOptions) collect() UDPValues {
	v := o.values // the numbers
	v.ReuseAddress, v.Broadcast, v.MulticastLoop = o.reuse.box.Checked, o.broadcast.box.Checked, o.loop.box.Checked
	v.Groups = o.groups.all()
	v.MulticastInterface = o.outgoing.name()
	return v
}

// commit tells of a change that acts at once, if there is one and it is good.
func (o *UDPOptions) commit() {
	if o.quiet || o.telling {
		return
	}
	v, ok := o.Live()
	if !ok || reflect.DeepEqual(v.live(), o.told) {
		return
	}
	o.told = v.live()
	o.telling = true
	defer func() { o.telling = false }()
	call(o.OnChanged)
}

// SetInterfaces sets what is listed and can be chosen. What was chosen stays, and is said not to be there where it is
// not.
func (o *UDPOptions) SetInterfaces(interfaces []UDPInterface) {
	o.quiet = true
	defer func() { o.quiet = false }()
	o.outgoing.offer(interfaces)
	o.groups.offer(interfaces)
	o.interfaces.offer(interfaces)
	o.Refresh()
}

// SetGranted says how large a receive buffer the system gave, and whether that is less than the form asks for now; 0
// takes it away.
func (o *UDPOptions) SetGranted(bytes int) {
	text, asked := "", o.values.ReceiveBuffer
	if asked == 0 {
		asked = usualReceiveBuffer
	}
	if bytes > 0 {
		text = words.Say("the system gave %s", FormatSize(int64(bytes)))
		if bytes < asked {
			text = words.Say("the system gave %s, which is less", FormatSize(int64(bytes)))
		}
	}
	if o.granted.Text != text {
		o.granted.SetText(text)
		o.Refresh()
	}
}

// SetProblem marks the field that the engine refuses, by the name the engine has for it, and shows its page. It
// reports whether there is such a field.
func (o *UDPOptions) SetProblem(field, text string) bool {
	if strings.HasPrefix(field, "Groups[") { // not said
		if !o.groups.setProblem(field, text) {
			return false
		}
		o.turnTo("Groups") // not said
		o.Refresh()
		return true
	}
	return o.formPages.SetProblem(field, text)
}

// interfaceChoice is a list of interfaces, the first of which is the system's choice.
type interfaceChoice struct {
	*checkedChoice
	names []string
}

func newInterfaceChoice(changed func()) *interfaceChoice {
	return &interfaceChoice{newCheckedChoice([]string{words.Say("the system's choice")}, nil, changed), []string{""}}
}

// offer replaces the interfaces to choose from and keeps the one that is chosen.
func (c *interfaceChoice) offer(interfaces []UDPInterface) {
	chosen := c.name()
	c.names, c.list.Options = c.names[:1], c.list.Options[:1]
	for i := range interfaces {
		c.add(interfaces[i].Name, interfaces[i].label())
	}
	c.set(chosen)
}

// set chooses by name. One that is not there can be chosen all the same.
func (c *interfaceChoice) set(name string) {
	i := slices.Index(c.names, name)
	if i < 0 {
		i = len(c.names)
		c.add(name, words.Say("%s (not there)", clip(name, 28)))
	}
	c.checkedChoice.set(i)
	c.list.Refresh()
	c.Refresh()
}

// add offers an interface. The list tells its choices apart by their words, so no two of them are alike.
func (c *interfaceChoice) add(name, label string) {
	label = clip(plainText(label, 60, false), 40)
	for slices.Contains(c.list.Options, label) {
		label += "'"
	}
	c.names, c.list.Options = append(c.names, name), append(c.list.Options, label)
}

// name is the one that is chosen, "" for the system's choice.
func (c *interfaceChoice) name() string {
	if i := c.index(); i >= 0 && i < len(c.names) {
		return c.names[i]
	}
	return ""
}

// checkedBox is a check that an engine may find something wrong with.
type checkedBox struct {
	checked
	box *widget.Check
}

var _ formField = (*checkedBox)(nil)

func newCheckedBox(label string, changed func()) *checkedBox {
	c := &checkedBox{}
	c.box = widget.NewCheck(label, func(bool) {
		c.check()
		changed()
	})
	c.field, c.problem, c.size = newField(c.box), newProblem(), c.box.MinSize
	c.ExtendBaseWidget(c)
	return c
}

func (c *checkedBox) check() { c.complain("") }

func (c *checkedBox) set(on bool) {
	c.box.SetChecked(on)
	c.check()
}

// behindInput puts the second object behind the input of the field that ends the first one, where it stays when a
// sentence stands under that.
type behindInput struct{ of *checkedEntry }

var _ fyne.Layout = (*behindInput)(nil)

// at returns where the second object begins.
func (b *behindInput) at(first fyne.CanvasObject) float32 {
	return first.MinSize().Width - b.of.MinSize().Width + b.of.size().Width
}

func (b *behindInput) MinSize(o []fyne.CanvasObject) fyne.Size {
	first, second := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(max(first.Width, b.at(o[0])+second.Width), max(first.Height, second.Height))
}

func (b *behindInput) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(o[0].MinSize())
	o[1].Move(fyne.NewPos(b.at(o[0]), 0))
	o[1].Resize(o[1].MinSize())
}
