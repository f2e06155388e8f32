package widgets

import (
	"bytes"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs"
	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// chainCert is one certificate of a report, wherever it stands.
type chainCert struct {
	der    []byte
	sha256 string
	name   string // safe to show
}

// chainRow is a line of the chain: a certificate, a title, or the issuer that could not be found.
type chainRow struct {
	chainCert             // without der for what is no certificate
	depth     int         // in the chain as built; -1 for what is no part of it
	sent      string      // where it stands among what was sent: "1st", "not sent"
	sentTone  grid.Colour // Warning when it should stand elsewhere
	remark    string      // "anchor", "not trusted"
	tone      grid.Colour // of the remark
	faulty    bool        // a fault is about it
}

// chainRows are the chain as it was built, the leaf first, beside where each certificate was sent, and then what was
// sent and is no part of it.
func chainRows(r *certs.Report) []chainRow {
	faulty := map[string]bool{}
	for _, f := range r.Faults {
		faulty[f.SHA256] = true
	}
	sentAt := map[string][]int{}
	for i, p := range r.Presented {
		sum := certs.Fingerprint(p.DER)
		sentAt[sum] = append(sentAt[sum], i)
	}
	misplaced := r.Misplaced()
	var rows []chainRow
	used := map[string]bool{}
	for i, c := range r.Chain {
		x := chainRow{chainCert: chainCert{c.Raw, certs.Fingerprint(c.Raw), shortName(c.Subject.CommonName, certs.SubjectText(c))}, depth: i}
		used[x.sha256] = true
		x.faulty = faulty[x.sha256]
		x.sent = ordinals(sentAt[x.sha256])
		anchor := r.Anchored && i == len(r.Chain)-1
		at := sentAt[x.sha256]
		if len(at) == 0 {
			x.sent = words.Say("not sent // by the server")
		}
		if len(at) == 0 && !anchor || len(at) > 1 || misplaced[x.sha256] {
			x.sentTone = grid.Warning
		}
		if anchor {
			x.remark, x.tone = words.Say("anchor // a certificate that is trusted"), grid.Success
		}
		rows = append(rows, x)
	}
	if n := len(r.Chain); n > 0 && !r.Anchored {
		top := r.Chain[n-1]
		if bytes.Equal(top.RawSubject, top.RawIssuer) {
			rows[n-1].remark, rows[n-1].tone = words.Say("not trusted"), grid.Error
		} else {
			rows = append(rows, chainRow{chainCert: chainCert{name: shortName(top.Issuer.CommonName, certs.IssuerText(top))}, depth: n,
				sent: words.Say("not found // the issuer of a certificate"), sentTone: grid.Error})
		}
	}
	title := false
	for _, p := range r.Presented {
		sum := certs.Fingerprint(p.DER)
		if used[sum] {
			continue
		}
		used[sum] = true
		if !title && len(r.Chain) > 0 {
			rows = append(rows, chainRow{chainCert: chainCert{name: words.Say("Sent, but not used // certificates")}, depth: -1})
		}
		title = true
		x := chainRow{chainCert: chainCert{p.DER, sum, words.Say("unreadable certificate")}, depth: -1, sent: ordinals(sentAt[sum]), faulty: faulty[sum]}
		if p.Cert != nil {
			x.name = shortName(p.Cert.Subject.CommonName, certs.SubjectText(p.Cert))
		}
		rows = append(rows, x)
	}
	return rows
}

// ordinals writes places: "1st", "2nd, 10th".
func ordinals(at []int) string {
	var places []string
	for _, i := range at {
		n := i + 1
		place := words.Text("%sth // a place: 4th, 11th; also 1st, 2nd and 3rd")
		if n/10%10 != 1 {
			switch n % 10 {
			case 1:
				place = "%sst // a place: 1st, 21st"
			case 2:
				place = "%snd // a place: 2nd, 22nd"
			case 3:
				place = "%srd // a place: 3rd, 23rd"
			}
		}
		if len(places) == 3 && len(at) > 4 {
			return words.Many(int64(len(at)-3), "%[2]s and %[1]d more", "%[2]s and %[1]d more", strings.Join(places, ", "))
		}
		places = append(places, words.Say(place, strconv.Itoa(n)))
	}
	return strings.Join(places, ", ")
}

// shortName is the common name where there is one.
func shortName(common, whole string) string {
	if common == "" {
		common = whole
	}
	return plainText(common, 200, false)
}

// chainView shows the chain, one certificate of which is chosen.
type chainView struct {
	widget.BaseWidget

	onChoose func(chainCert)
	onCopy   func(string)
	onOpen   func() // Enter: to the fields of the certificate

	rows   []chainRow
	chosen int // -1 for none
	widths struct{ sent, remark int }
	grid   *grid.Grid
}

var _ fyne.Widget = (*chainView)(nil)

func newChainView() *chainView {
	c := &chainView{chosen: -1}
	c.grid = grid.New(c)
	c.grid.Label = words.Say("Certificate chain")
	c.grid.OnTapped = func(row int64, _ int, _ fyne.KeyModifier) { c.choose(int(row)) }
	c.grid.OnDoubleTapped = func(int64, int, fyne.KeyModifier) { call(c.onOpen) }
	c.grid.OnKey = c.key
	c.grid.OnMenu = c.menu
	c.grid.HeaderLine = []grid.Cell{}
	c.ExtendBaseWidget(c)
	return c
}

// set shows the chain of r and chooses its leaf.
func (c *chainView) set(r *certs.Report) {
	c.rows, c.chosen = nil, -1
	if r != nil {
		c.rows = chainRows(r)
	}
	c.Hidden = len(c.rows) == 0
	c.widths.sent, c.widths.remark = cellsOf(words.Say(sentTitle)), 0
	for _, x := range c.rows {
		c.widths.sent = max(c.widths.sent, cellsOf(x.sent))
		c.widths.remark = max(c.widths.remark, cellsOf(x.remark))
	}
	c.widths.sent = min(c.widths.sent, 16)
	c.grid.ScrollToTop(0)
	c.dress()
	for i, x := range c.rows {
		if x.der != nil {
			c.choose(i)
			return
		}
	}
}

// chooseBy chooses the certificate with that fingerprint, if it is there.
func (c *chainView) chooseBy(sha256 string) bool {
	for i, x := range c.rows {
		if x.der != nil && x.sha256 == sha256 {
			c.choose(i)
			return true
		}
	}
	return false
}

func (c *chainView) choose(i int) {
	if i < 0 || i >= len(c.rows) || c.rows[i].der == nil {
		return
	}
	c.grid.ScrollTo(int64(i))
	if i == c.chosen {
		return
	}
	c.chosen = i
	c.grid.SetCursorRow(int64(i))
	c.grid.Update()
	if c.onChoose != nil {
		c.onChoose(c.rows[i].chainCert)
	}
}

// step goes to the next certificate in a direction, over what is none.
func (c *chainView) step(by int) {
	for i := c.chosen + by; i >= 0 && i < len(c.rows); i += by {
		if c.rows[i].der != nil {
			c.choose(i)
			return
		}
	}
}

func (c *chainView) key(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool {
	if mods&fyne.KeyModifierShortcutDefault != 0 {
		if ev.Name == fyne.KeyC || ev.Name == fyne.KeyInsert {
			c.copy()
			return true
		}
		return false
	}
	switch ev.Name {
	case fyne.KeyUp:
		c.step(-1)
	case fyne.KeyDown:
		c.step(1)
	case fyne.KeyHome:
		c.chosen = -1
		c.step(1)
	case fyne.KeyEnd:
		c.chosen = len(c.rows)
		c.step(-1)
	case fyne.KeyReturn, fyne.KeyEnter:
		call(c.onOpen)
	default:
		return false
	}
	return true
}

// copy puts the chosen certificate on the clipboard as PEM.
func (c *chainView) copy() {
	if c.chosen >= 0 && c.onCopy != nil {
		c.onCopy(string(pemOf(c.rows[c.chosen].der)))
	}
}

func (c *chainView) menu(row int64, _ int, at fyne.Position) {
	c.choose(int(row))
	if on := canvasOf(c); on != nil && c.chosen >= 0 {
		widget.ShowPopUpMenuAtPosition(c.offers(), on, at)
	}
}

func (c *chainView) offers() *fyne.Menu {
	x := c.rows[c.chosen]
	give := func(text string) func() {
		return func() {
			if c.onCopy != nil {
				c.onCopy(text)
			}
		}
	}
	return fyne.NewMenu("",
		fyne.NewMenuItem(words.Say("Copy as PEM"), c.copy),
		fyne.NewMenuItem(words.Say("Copy name"), give(x.name)),
		fyne.NewMenuItem(words.Say("Copy SHA-256 fingerprint"), give(x.sha256)))
}

// sentTitle stands over the places among what was sent.
const sentTitle words.Text = "sent // where each certificate stands among those that were sent"

// dress writes the line above, whose columns follow the width. It is never without one, so that the rows keep their
// place.
func (c *chainView) dress() {
	like := grid.Cell{Fg: grid.Muted}
	built := words.Say("Chain as built")
	if len(c.rows) > 0 && c.rows[0].depth < 0 {
		built = words.Say("No chain can be built")
	}
	cells := grid.AppendText(nil, fitCells(built, c.nameEnd()), like)
	cells = grid.Pad(cells, c.nameEnd()+2, like)
	c.grid.HeaderLine = grid.AppendText(cells, fitCells(words.Say(sentTitle), c.widths.sent), like)
	c.grid.SetCursorRow(int64(c.chosen))
	c.grid.Refresh()
}

// nameEnd is the column where names end; the places among what was sent, and the remarks, follow.
func (c *chainView) nameEnd() int {
	rest := 2 + c.widths.sent
	if c.widths.remark > 0 {
		rest += 2 + c.widths.remark
	}
	return max(c.grid.VisibleColumns()-rest, 12)
}

// Rows is part of grid.Source.
func (c *chainView) Rows() int64 { return int64(len(c.rows)) }

// Row is part of grid.Source.
func (c *chainView) Row(n int64, cells []grid.Cell) []grid.Cell {
	x := c.rows[n]
	like := grid.Cell{}
	if int(n) == c.chosen {
		like.Bg = grid.Selection
	}
	muted := like
	muted.Fg = grid.Muted
	if x.der == nil && x.depth < 0 {
		return grid.AppendText(cells, x.name, muted)
	}
	mark := like
	mark.Rune = ' '
	if x.faulty || x.der == nil {
		mark.Rune, mark.Fg = '✗', grid.Error
	}
	cells = append(cells, mark)
	cells = grid.Pad(cells, 2, like)
	if x.depth >= 0 {
		cells = grid.AppendText(cells, strconv.Itoa(x.depth), muted)
		if x.depth > 0 {
			// Each issuer stands a step further in, as far as that leaves room for its name.
			step := min(x.depth-1, max(0, (c.nameEnd()-24)/2))
			cells = grid.Pad(cells, len(cells)+1+step, like)
			cells = grid.AppendText(cells, "└", muted)
		}
		cells = grid.Pad(cells, len(cells)+1, like)
	}
	name := like
	if x.der == nil {
		name.Fg = grid.Error
	}
	cells = grid.AppendText(cells, fitMiddle(x.name, c.nameEnd()-len(cells)), name)
	cells = grid.Pad(cells, c.nameEnd()+2, like)
	sent := like
	sent.Fg = x.sentTone
	if x.sentTone == grid.Default {
		sent.Fg = grid.Muted
	}
	cells = grid.AppendText(cells, fitCells(x.sent, c.widths.sent), sent)
	if c.widths.remark > 0 {
		cells = grid.Pad(cells, c.nameEnd()+2+c.widths.sent+2, like)
		remark := like
		remark.Fg = x.tone
		cells = grid.AppendText(cells, x.remark, remark)
	}
	return endRow(cells, like)
}

// need is the height that shows every row.
func (c *chainView) need() float32 {
	cell := c.grid.CellSize().Height
	return (float32(len(c.rows))+1)*cell + 8
}

// CreateRenderer is part of fyne.Widget.
func (c *chainView) CreateRenderer() fyne.WidgetRenderer {
	return &faceRenderer{
		objects: []fyne.CanvasObject{c.grid},
		layout: func(size fyne.Size) {
			before := c.grid.Size()
			if c.grid.Resize(size); c.grid.Size() != before {
				c.dress()
			}
		},
		minSize: func() fyne.Size { return fyne.NewSize(140, 3*c.grid.CellSize().Height+6) },
		refresh: c.dress,
	}
}
