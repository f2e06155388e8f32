package app

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/sessions/inspect"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

const (
	// inspectBytes is how much of the capture the inspector looks at.
	inspectBytes = 64 << 10
	// followEvery bounds how often the inspector moves along with a capture
	// that grows, because every move draws new numbers.
	followEvery = 250 * time.Millisecond
)

// trafficView shows one capture: the list of its records, their bytes, and the
// inspector. Every kind of tab has one. Selecting a record selects its bytes;
// the cursor in the bytes drives the inspector. The list may show frames in
// place of records: see frameView.
type trafficView struct {
	bench *workbench
	log   *capture.Log
	ctx   context.Context // ends with the tab
	stop  context.CancelFunc

	list        *widgets.TrafficList
	hex         *widgets.HexView
	inspector   *widgets.Inspector
	filterBar   *widgets.FilterBar
	findBar     *widgets.FindBar
	bytesBar    *widgets.BytesBar
	framingBar  *widgets.FramingBar
	framingForm *widgets.FramingForm
	newest      *widget.Button
	banner      *widgets.Banner
	jobLines    *fyne.Container
	jobs        []*job
	pickers     int // that are open, and will answer

	stream capture.Stream
	filter *capture.Filter // nil when every record is shown
	spec   widgets.FilterSpec
	chosen capture.Record     // that the person selected last
	only   []capture.FlowSpan // nil when every connection is shown
	thread *capture.Thread    // the bytes of those connections; nil with only
	// following moves the selection along with the newest record until the
	// person selects something.
	following bool
	// linking is true while one pane is made to show what another selected, so
	// that the answer is not taken for a wish of the person's.
	linking  bool
	followed int64 // number of the record that following selected last
	growing  growingPlace
	// uncount ends what counts the bytes behind those of the inspector.
	uncount context.CancelFunc
	moved   time.Time

	find   findState
	frames frameView
	bare   bool // see setBare

	root           *fyne.Container
	listPane       *fyne.Container
	listTop        *fyne.Container // the line above the list
	hexPane        *fyne.Container
	side           *fyne.Container // the inspector, or what stands in its place
	aside          aside
	sums           *checksumPane    // nil while no checksums are shown
	texts          *textPane        // nil while no text is shown
	bytesSplit     *container.Split // list over hex
	inspectorSplit *container.Split // those beside the side
	panes          *fyne.Container  // the same, however low the window is
	low            bool             // they have no room for both list and bytes
	bytesTurn      bool             // then the bytes are shown
	composerSplit  *container.Split // all above the composer; nil without one
	dividers       struct{ list, inspector, composer divider }
	composer       fyne.CanvasObject
	toComposer     func([]byte) // nil without a composer
	onChosen       func(capture.Record)
	onXML          func() // what is sent was chosen to be XML documents; may be nil
}

// newTrafficView shows log; composer may be nil. The log stays the caller's.
func newTrafficView(w *workbench, log *capture.Log, composer fyne.CanvasObject) *trafficView {
	v := &trafficView{bench: w, log: log, following: true, composer: composer}
	v.ctx, v.stop = context.WithCancel(w.ctx)

	v.list = widgets.NewTrafficList(log)
	v.hex = widgets.NewHexView(log)
	v.inspector = widgets.NewInspector()
	v.filterBar = widgets.NewFilterBar()
	v.findBar = widgets.NewFindBar()
	v.bytesBar = widgets.NewBytesBar()
	v.framingBar = widgets.NewFramingBar()
	v.framingForm = widgets.NewFramingForm()
	v.newest = widget.NewButtonWithIcon(words.Say(newestWord), theme.MoveDownIcon(), v.follow)
	v.banner = widgets.NewBanner()
	v.jobLines = container.NewVBox()

	v.list.OnSelect = v.recordChosen
	v.hex.OnCursor = v.cursorMoved
	v.hex.OnSelect = v.bytesSelected
	v.hex.OnMenu = v.bytesMenu
	v.list.OnMenu = v.recordMenu
	v.list.OnSelectFrame = v.frameChosen
	v.list.OnMenuFrame = v.frameMenu
	v.hex.OnNotice = v.tell
	v.list.OnNotice = v.tell
	v.inspector.OnOrder = func(o inspect.Order) {
		w.space.View.LittleEndian = o == inspect.Little
		w.rebuildMenu()
	}
	v.inspector.OnSearch = v.findValue
	v.inspector.OnFraming = v.frameAs
	v.inspector.OnCharset = w.askCharset
	if composer != nil {
		v.inspector.OnCompose = func(b []byte) { v.toComposer(b) }
	}
	v.hex.OnLarge = v.saveSelection
	v.filterBar.OnChanged = func(spec widgets.FilterSpec) {
		if v.framed() == nil {
			v.filterChanged(spec)
			return
		}
		v.spec = spec
		v.relist()
	}
	v.filterBar.OnClose = v.leaveFilter
	v.framingBar.OnChoose = v.setFramings
	v.framingBar.OnForm = v.openFramingForm
	v.framingForm.OnUse = v.setFramings
	v.framingForm.OnClose = v.closeFramingForm
	v.findBar.OnFind = v.findNext
	v.findBar.OnFindAll = v.findAll
	v.findBar.OnCancel = v.cancelFind
	v.findBar.OnClose = v.closeFind

	v.bytesBar.OnStream = v.setStream
	v.bytesBar.OnGoTo = v.askGoTo
	v.bytesBar.OnFind = v.openFind

	v.listTop = container.New(&trafficLine{v.newest, v.framingBar}, v.filterBar, v.framingBar, v.newest)
	v.listPane = container.NewBorder(container.NewVBox(v.listTop, v.framingForm), nil, nil, nil, v.list)
	v.framingForm.Hide()
	if log.Meta().Kind == "udp" { // a datagram is what it is
		v.frames.none = true
		v.inspector.OnFraming = nil
		v.framingBar.Hide()
	}
	v.hexPane = container.NewBorder(container.NewVBox(v.bytesBar, v.findBar), nil, nil, nil, v.hex)
	v.findBar.Hide()
	c := w.space.View
	v.bytesSplit = container.NewVSplit(v.listPane, v.hexPane)
	v.dividers.list.put(v.bytesSplit, c.SplitList)
	v.side = container.NewStack(v.inspector)
	v.inspectorSplit = container.NewHSplit(v.bytesSplit, v.side)
	v.dividers.inspector.put(v.inspectorSplit, c.SplitInspector)
	v.panes = container.New(&lowPanes{v}, v.inspectorSplit)
	var body fyne.CanvasObject = v.panes
	if composer != nil {
		v.composerSplit = container.NewVSplit(v.panes, composer)
		v.dividers.composer.put(v.composerSplit, c.SplitComposer)
		body = v.composerSplit
	}
	v.root = container.NewBorder(v.banner, v.jobLines, nil, nil, body)
	v.arrange()
	return v
}

// liftBanner takes the banner out of the view, to stand elsewhere in the tab.
func (v *trafficView) liftBanner() *widgets.Banner {
	v.root.Layout = layout.NewBorderLayout(nil, v.jobLines, nil, nil)
	v.root.Remove(v.banner)
	return v.banner
}

// arrange follows the person's choices about panels, columns and byte order.
func (v *trafficView) arrange() {
	c := v.bench.space.View
	v.showPanes()
	show(v.bytesSplit, !c.HideTraffic || !c.HideHex)
	v.arrangeSide()
	show(v.panes, v.bytesSplit.Visible() || v.side.Visible())
	if v.composer != nil {
		on := !c.HideComposer && !v.bare
		window := v.bench.win.Canvas()
		if c, ok := v.composer.(*widgets.Composer); ok && !on && c.HasFocus(window) {
			window.Unfocus() // what is hidden hands no key on to the window
		}
		show(v.composer, on)
	}
	show(v.listTop, !c.HideFilter || v.filtered())
	v.arrangeText()
	v.list.SetTimeMode(c.times())
	if hidden := c.hiddenRows(); !maps.Equal(hidden, v.inspector.Hidden) {
		v.inspector.SetHidden(hidden)
	}
	v.root.Refresh()
}

// times is how lists write times.
func (c viewChoice) times() widgets.TimeMode {
	if c.RelativeTime {
		return widgets.TimeRelative
	}
	return widgets.TimeAbsolute
}

// setBare hides all but the list, for as long as there are no bytes and
// something else needs the room.
func (v *trafficView) setBare(on bool) {
	if on != v.bare {
		v.bare = on
		v.arrange()
	}
}

func show(o fyne.CanvasObject, on bool) {
	if on == o.Visible() {
		return
	}
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// keepSplits remembers where the person moved the dividers to.
func (v *trafficView) keepSplits() {
	c := &v.bench.space.View
	v.dividers.list.keep(&c.SplitList)
	v.dividers.inspector.keep(&c.SplitInspector)
	v.dividers.composer.keep(&c.SplitComposer)
}

// version moves when the log did, or how it is cut into frames; any goroutine.
func (v *trafficView) version() uint64 {
	n := v.log.Version()
	if x := v.framed(); x != nil {
		n += x.Version()
	}
	return n + v.frames.moved.Load()
}

// filtered reports whether some of the records or frames are left out.
func (v *trafficView) filtered() bool { return v.filter != nil || !v.spec.Empty() }

// leaveFilter gives the keyboard to the list; the line goes if it is not wanted otherwise.
func (v *trafficView) leaveFilter() {
	v.closeFilter()
	show(v.listTop, v.filtered() || !v.bench.space.View.HideFilter)
}

// tick brings everything on screen up to date.
func (v *trafficView) tick() {
	if x := v.framed(); x != nil {
		v.tickFrames(x)
	} else if all := v.records(); v.filter == nil {
		v.filterBar.SetCount(all, all)
		v.filterBar.SetProgress(0, 0)
	} else {
		v.filterBar.SetCount(v.filter.Len(), all)
		v.filterBar.SetProgress(v.filter.Progress())
	}
	v.list.Update()
	if x := v.framed(); x != nil {
		v.countFrames(x)
	}
	v.hex.Update()
	v.followNewest()
	v.freshen()
	v.showFollowing()
	if v.texts != nil {
		v.texts.tick()
	}
}

func (v *trafficView) records() int64 {
	s := v.log.Stats()
	return s.Last - s.First + 1
}

// showFollowing lights the button to the newest traffic while it is somewhere
// else that the person looks.
func (v *trafficView) showFollowing() {
	importance := widget.HighImportance
	if v.list.Following() {
		importance = widget.LowImportance
	}
	if v.newest.Importance != importance {
		v.newest.Importance = importance
		v.newest.Refresh()
	}
}

// setStream chooses which bytes the hex view shows; the cursor stays on its
// byte where the stream has it.
func (v *trafficView) setStream(s capture.Stream) {
	if s == v.stream {
		return
	}
	v.stream = s
	v.bytesBar.SetStream(s)
	linking := v.linking
	v.linking = true
	v.hex.SetStream(s)
	v.linking = linking
	if at := v.hex.Cursor(); at >= 0 && !v.following {
		v.inspectAt(at)
	}
	v.bench.rebuildMenu()
}

// follow goes to the newest traffic and stays with it.
func (v *trafficView) follow() {
	v.following, v.followed = true, 0
	v.list.ClearSelection()
	v.link(v.hex.ClearCursor)
	v.list.SetFollow(true)
	v.hex.SetFollow(true)
	v.tick()
}

// nextPane moves the focus on: list, bytes, inspector, and round again. From
// anywhere else it goes to the list.
func (v *trafficView) nextPane() {
	c := v.bench.win.Canvas()
	view := v.bench.space.View
	panes := []struct {
		on, has bool
		focus   func()
	}{
		{!view.HideTraffic, v.list.HasFocus(c), func() { v.turn(false); v.list.Focus(c) }},
		{!view.HideHex && !v.bare, v.hex.HasFocus(c), func() { v.turn(true); v.hex.Focus(c) }},
		{v.inspector.Visible(), c.Focused() == fyne.Focusable(v.inspector), func() { c.Focus(v.inspector) }},
	}
	at := len(panes) - 1
	for i, p := range panes {
		if p.has {
			at = i
		}
	}
	for range panes {
		at = (at + 1) % len(panes)
		if panes[at].on {
			panes[at].focus()
			return
		}
	}
}

// tell shows something worth knowing above the traffic.
func (v *trafficView) tell(text string) {
	v.say(widgets.Notice{Kind: widgets.NoticeInfo, Text: text})
}

// complain shows what went wrong above the traffic.
func (v *trafficView) complain(err error) {
	v.say(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(err)})
}

// say shows a notice above the traffic, or in the window once the tab is closed.
func (v *trafficView) say(n widgets.Notice) {
	if v.ctx.Err() != nil {
		v.bench.notice.SetNotice(n)
		return
	}
	v.banner.SetNotice(n)
}

// sentence begins an error's text with a capital, as it stands alone on screen.
// The name of a file, a host or a path stays as it is.
func sentence(err error) string {
	text := err.Error()
	first, _, _ := strings.Cut(text, " ")
	if r := []rune(text); len(r) > 0 && !strings.ContainsAny(strings.TrimRight(first, ".:"), `./\`) {
		r[0] = unicode.ToUpper(r[0])
		return string(r)
	}
	return text
}

// close ends the view's background work; the filter's goroutine is waited for.
func (v *trafficView) close() {
	v.stop()
	v.closeFrames()
	if v.filter != nil {
		v.filter.Close()
	}
	if v.thread != nil {
		v.thread.Close()
	}
}

// goTo moves to what a person typed; see parsePlace.
func (v *trafficView) goTo(p place) error {
	if x := v.framed(); x != nil && p.record > 0 {
		return v.goToFrame(x, p.record)
	}
	if p.record > 0 {
		r, err := v.log.Record(p.record)
		if err != nil {
			s := v.log.Stats()
			return errors.New(words.Say("there is no record %d: the capture holds %d to %d", p.record, s.First, s.Last))
		}
		v.turn(false)
		v.list.SelectNumber(r.Number)
		v.recordChosen(r)
		return nil
	}
	s := v.bytes().Stats()
	first, end := s.StreamStart(v.stream), s.StreamEnd(v.stream)
	off := p.offset
	if p.relative {
		off += v.hex.Cursor()
	}
	if off < first || off >= end {
		return errors.New(words.Say("offset %s is outside the bytes there are: %s to %s",
			strconv.FormatInt(off, 10), strconv.FormatInt(first, 10), strconv.FormatInt(end-1, 10)))
	}
	v.turn(true)
	v.hex.GoTo(off) // the list and the inspector follow the cursor
	return nil
}
