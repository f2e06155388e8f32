package app

import (
	"embed"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wirebench/sessions/fields"
	"wirebench/sessions/framing"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// CommandHelp is the help of one command of the command line, as it prints it.
type CommandHelp struct{ Name, Text string }

// The topics of the help, in their order by name. Each begins with its title;
// its ID is the name without number and extension.
//
//go:embed help/*.md
var helpFiles embed.FS

// helpWindow is the window of the help while it is open.
type helpWindow struct {
	win  fyne.Window
	view *widgets.HelpView
}

// directive is what a topic leaves to the program to write: {key:Send} is the
// key of the action of that name, {menu:Send} where it stands in the menus,
// {folder:captures} a folder or file, {framings} the notation of framings,
// {fields} the kinds of fields.
var directive = regexp.MustCompile(`\{(key|menu|folder|framings|fields)(?::([^{}]+))?\}`)

// helpTopics are all topics. Faults are directives that mean nothing, which a
// test forbids; they are left as they stand.
func (w *workbench) helpTopics() (topics []widgets.HelpTopic, faults []string) {
	files, err := fs.Glob(helpFiles, "help/*.md") // sorted by name
	if err != nil {
		return nil, []string{err.Error()}
	}
	for _, name := range files {
		b, err := helpFiles.ReadFile(name)
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		title, text, _ := strings.Cut(strings.TrimPrefix(string(b), "# "), "\n")
		text = directive.ReplaceAllStringFunc(text, func(d string) string {
			s, ok := w.direct(directive.FindStringSubmatch(d))
			if !ok {
				faults = append(faults, fmt.Sprintf("%s: %s means nothing", name, d)) // not said
			}
			return s
		})
		_, id, _ := strings.Cut(strings.TrimSuffix(filepath.Base(name), ".md"), "-")
		topics = append(topics, widgets.HelpTopic{ID: id, Title: title, Text: text})
	}
	for _, c := range w.opts.Commands {
		topics = append(topics, widgets.HelpTopic{ID: "command-" + c.Name, Title: "wirebench " + c.Name, Text: "```\n" + strings.TrimSpace(c.Text) + "\n```\n"})
	}
	return topics, faults
}

// direct writes what a directive stands for.
func (w *workbench) direct(d []string) (string, bool) {
	switch kind, name := d[1], d[2]; kind {
	case "framings":
		return "```\n" + framing.Notation + "\n```", true
	case "fields":
		return fieldKinds(), true
	case "folder":
		if path, ok := w.places()[name]; ok && path != "" {
			return "`" + path + "`", true
		}
	default:
		for _, a := range w.actions {
			if string(a.name) != name && string(a.sub)+": "+string(a.name) != name {
				continue
			}
			if kind == "key" {
				return "**" + a.keyText() + "**", a.key != ""
			}
			path := []string{a.menu.String()}
			if a.sub != "" {
				path = append(path, a.sub.String())
			}
			return "*" + strings.Join(append(path, a.name.String()), " > ") + "*", true
		}
	}
	return d[0], false
}

// fieldKinds is every kind of field with an example, group by group.
func fieldKinds() string {
	var b strings.Builder
	group := ""
	for i, k := range fields.Kinds() {
		if i == 0 || k.Group != group {
			if i > 0 {
				b.WriteString("```\n\n")
			}
			group = k.Group
			fmt.Fprintf(&b, "**%s**\n\n```\n", group)
		}
		fmt.Fprintf(&b, "%-26s %s\n", k.Example, k.Name)
	}
	b.WriteString("```")
	return b.String()
}

// places are the files and folders that the help names.
func (w *workbench) places() map[string]string {
	state := filepath.Dir(w.spacePath)
	return map[string]string{
		"captures":  w.captureDir(),
		"workspace": w.spacePath,
		"messages":  w.messages.Folder(),
		"testca":    filepath.Join(state, "testca"),
		"languages": w.opts.LanguageDir,
	}
}

// showHelp opens the help, at the topic that was shown last.
func (w *workbench) showHelp() { w.openHelp("") }

// helpHere opens the help at what has the keyboard.
func (w *workbench) helpHere() { w.openHelp(w.topicHere()) }

// openHelp opens the help at a topic, "" for the first or the one it shows.
func (w *workbench) openHelp(topic string) {
	if w.help == nil {
		topics, _ := w.helpTopics()
		h := &helpWindow{win: w.app.NewWindow(words.Say("Help") + " - Wirebench"), view: widgets.NewHelpView(topics)}
		h.view.OnCopy = w.app.Clipboard().SetContent
		h.win.SetContent(container.NewPadded(h.view))
		h.win.Resize(w.fitting(960, 680))
		h.win.SetOnClosed(func() { w.help = nil })
		h.win.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) {
			switch k.Name {
			case fyne.KeyEscape:
				h.win.Close()
			case fyne.KeyBackspace:
				h.view.Back()
			}
		})
		back := func(key fyne.KeyName, f func()) {
			h.win.Canvas().AddShortcut(shortcutOf(key, alt), func(fyne.Shortcut) { f() })
		}
		back(fyne.KeyLeft, h.view.Back)
		back(fyne.KeyRight, h.view.Forward)
		h.win.Canvas().AddShortcut(shortcutOf(fyne.KeyF, primary), func(fyne.Shortcut) { h.view.FocusSearch(h.win.Canvas()) })
		h.win.Canvas().AddShortcut(shortcutOf(fyne.KeyW, primary), func(fyne.Shortcut) { h.win.Close() })
		w.help = h
	}
	w.help.view.ShowTopic(topic)
	w.help.win.Show()
	w.help.win.RequestFocus()
	w.help.view.FocusSearch(w.help.win.Canvas())
}

// topicHere is what the help says about what has the keyboard, or about the tab
// that is shown.
func (w *workbench) topicHere() string {
	t := w.strip.current
	if t == nil {
		return "first"
	}
	c := w.win.Canvas()
	v := t.view()
	switch {
	case v == nil:
		return "captures"
	case v.list.HasFocus(c):
		return "traffic"
	case v.hex.HasFocus(c):
		return "bytes"
	case c.Focused() == fyne.Focusable(v.inspector):
		return "inspector"
	}
	if o, ok := c.Focused().(fyne.CanvasObject); ok && !w.inAddress(t) {
		if d, ok := t.(deskTab); ok && lies(o, d.theDesk().composer) {
			if d.theDesk().composer.Mode() == widgets.ComposeFields {
				return "fields"
			}
			return "composer"
		}
	}
	switch t := t.(type) {
	case *serverTab:
		return "server"
	case *udpTab:
		return "udp"
	case *clientTab:
		switch {
		case t.tls == nil:
			return "tcp"
		case t.tls.tls.Report() != nil:
			return "certificates"
		}
		return "tls"
	}
	return "captures"
}

// inAddress tells whether the keyboard is in a tab's address.
func (w *workbench) inAddress(t tab) bool {
	c := w.win.Canvas()
	switch t := t.(type) {
	case *clientTab:
		return t.address.HasFocus(c)
	case *serverTab:
		return t.bar.HasFocus(c)
	case *udpTab:
		return t.bar.HasFocus(c) || t.bar.TargetHasFocus(c)
	}
	return false
}

// lies tells whether an object is drawn within another.
func lies(o, within fyne.CanvasObject) bool {
	d := fyne.CurrentApp().Driver()
	at, from, size := d.AbsolutePositionForObject(o), d.AbsolutePositionForObject(within), within.Size()
	return within.Visible() && at.X >= from.X && at.Y >= from.Y && at.X < from.X+size.Width && at.Y < from.Y+size.Height
}
