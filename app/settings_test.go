package app

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// settingsUnderTest are the settings without their dialog. What they do beside
// the window is done at once, and what comes of it with catchUp.
func settingsUnderTest(w *workbench) *settingsWindow {
	s := &settingsWindow{bench: w, beside: func(f func()) { f() }}
	s.panel = widgets.NewSettingsPanel(s.pages())
	return s
}

// settingsOf are the settings of a page.
func settingsOf(t *testing.T, s *settingsWindow, page string) map[string]widgets.Setting {
	t.Helper()
	all := map[string]widgets.Setting{}
	for _, p := range s.pages() {
		if p.Title != page {
			continue
		}
		for _, r := range p.Rows {
			if all[r.Label].Label != "" {
				t.Errorf("%s has two settings %q", page, r.Label)
			}
			all[r.Label] = r
		}
	}
	if len(all) == 0 {
		t.Fatalf("there is no page %q", page)
	}
	return all
}

// choose sets settings of a page, label and value in turn.
func choose(t *testing.T, w *workbench, page string, pairs ...string) {
	t.Helper()
	s := settingsUnderTest(w)
	s.panel.OnChanged = s.changed
	s.panel.ShowPage(page)
	for i := 0; i < len(pairs); i += 2 {
		if row, ok := s.panel.Row(page, pairs[i]); !ok || !row.Try(pairs[i+1]) {
			t.Fatalf("%s: %s did not take %q", page, pairs[i], pairs[i+1])
		}
	}
}

func TestTheSettingsOpenByKeyAndEscapeClosesThem(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	var open *fyne.MenuItem
	for _, m := range w.win.MainMenu().Items {
		for _, i := range m.Items {
			if k, ok := i.Shortcut.(*desktop.CustomShortcut); ok && k.KeyName == fyne.KeyComma && k.Modifier == primary {
				open = i
			}
		}
	}
	if open == nil {
		t.Fatal("no key opens them")
	}
	open.Action() // as Fyne does at the key, before what has the keyboard
	if w.win.Canvas().Overlays().Top() == nil {
		t.Fatal("nothing opened")
	}
	if !strings.Contains(shownTexts(w.win.Canvas().Overlays().Top()), "Text size") {
		t.Error("the first page is not shown")
	}
	first := w.win.Canvas().Focused()
	w.win.Canvas().FocusNext() // into the page
	f := w.win.Canvas().Focused()
	if f == nil || f == first {
		t.Fatalf("the keyboard goes from %T to %T", first, f)
	}
	f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if w.win.Canvas().Overlays().Top() != nil {
		t.Fatal("Escape did not close them")
	}
}

// shownTexts is what the labels that are shown say.
func shownTexts(o fyne.CanvasObject) string {
	if !o.Visible() {
		return ""
	}
	var parts []fyne.CanvasObject
	said := ""
	switch o := o.(type) {
	case *canvas.Text:
		return o.Text + "\n"
	case *widget.Label:
		return o.Text + "\n"
	case *widgets.SelectableLabel:
		return o.Text + "\n"
	case *fyne.Container:
		parts = o.Objects
	case fyne.Widget:
		parts = test.WidgetRenderer(o).Objects()
	}
	for _, p := range parts {
		said += shownTexts(p)
	}
	return said
}

// Every setting is set to something else, read back from the file, and
// restored.
func TestEverySettingComesBackAtTheNextStartAndCanBeRestored(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	other := t.TempDir()
	values := map[string]map[string]string{
		"Window":   {"Theme": "2", "Text size": "6", "Empty the message field after sending": "true"},
		"Captures": {"Folder": other, "One session": "1 GiB", "All finished": "no limit", "Days": "3"},
		"TCP and TLS clients": {"Connect timeout": "3s", "Keep alive every": "never", "Send small writes at once (no delay)": "false",
			"Stay half-open when the peer closes": "true", "Reset on close (RST, not FIN)": "true"},
		"Certificates and TLS": {"Policy": "1", "Trust anchors": "2", "Handshake timeout": "5s", "Lowest version": "0", "Highest version": "2",
			"Legacy: also TLS 1.0, 1.1 and weak ciphers": "true", "Ask OCSP responders": "true", "Fetch revocation lists": "true", "Fetch missing issuers (AIA)": "true"},
		"Servers": {"Most clients": "7", "Waiting for a client": "1 MiB", "A slow client": "2", "Close idle clients after": "1m", "Keep alive every": "30s",
			"Send small writes at once (no delay)": "false", "Keep clients half-open when they close their side": "true"},
		"UDP sockets": {"Time to live": "5", "Receive buffer": "1 MiB", "Allow sending to broadcast addresses": "true", "Share the port with other sockets": "true",
			"Multicast time to live": "4", "This machine gets what it sends to a group": "false"},
	}
	s := settingsUnderTest(w)
	for _, page := range s.pages() {
		rows := settingsOf(t, s, page.Title)
		for label, r := range rows {
			value, ok := values[page.Title][label]
			if !ok {
				if label != "Language" { // that has a test of its own
					t.Errorf("%s: %s is not tested", page.Title, label)
				}
				continue
			}
			if got := r.Get(); got != r.Usual && label != "Folder" {
				t.Errorf("%s: %s is %q at first, and its default %q", page.Title, label, got, r.Usual)
			}
			if value == r.Usual {
				t.Errorf("%s: %s is tested with its default", page.Title, label)
			}
			if label == "Folder" { // which has it looked into, beside the test
				w.space.CaptureFolder = value
				continue
			}
			if err := r.Set(value); err != nil {
				t.Errorf("%s: %s %q: %v", page.Title, label, value, err)
			}
		}
	}
	w.saveNow()
	again, err := loadWorkspace(w.spacePath)
	if err != nil {
		t.Fatal(err)
	}
	before := w.space
	w.space = again
	for title, page := range values {
		rows := settingsOf(t, s, title)
		for label, value := range page {
			if got := rows[label].Get(); got != value {
				t.Errorf("%s: %s comes back as %q, want %q", title, label, got, value)
			}
			if label == "Folder" {
				continue
			}
			if err := rows[label].Set(rows[label].Usual); err != nil {
				t.Errorf("%s: %s cannot be restored: %v", title, label, err)
			}
		}
	}
	if again.Defaults != (newTabs{}) {
		t.Errorf("what is as the engine has it is kept: %+v", again.Defaults)
	}
	w.space = before
}

// What the settings say of finished captures is what becomes of them at the
// next start.
func TestFinishedCapturesAreKeptAsTheSettingsSay(t *testing.T) {
	for _, c := range []struct {
		size, days string
		left       int
		say        string
	}{
		{"no limit", "no limit", 2, ""},
		{"1 B", "no limit", 0, "2 finished captures (200 B) were removed: up to 1 B of them is kept."},
		{"150 B", "no limit", 1, "1 finished capture (100 B) was removed: up to 150 B of them is kept."},
		{"no limit", "3", 1, "1 finished capture (100 B) was removed: they are kept for 3 days."},
		{"1 GiB", "3", 1, "1 finished capture (100 B) was removed: they are kept for 3 days and up to 1.0 GiB."},
	} {
		w := benchWithUsualCaptures(t)
		dir := w.captureDir()
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		old := time.Now().AddDate(-10, 0, 0)
		for _, name := range []string{"20200101-000000-00000000-0000-0000-0000-000000000001-0001.pcapng", "20300101-000000-00000000-0000-0000-0000-000000000002-0001.pcapng"} {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(name, "2020") {
				if err := os.Chtimes(path, old, old); err != nil {
					t.Fatal(err)
				}
			}
		}
		choose(t, w, "Captures", "All finished", c.size, "Days", c.days)
		w.housekeeping()
		w.settle()
		found, err := capture.Finished(dir)
		if err != nil || len(found) != c.left {
			t.Errorf("all %s, days %s: %d are left, %v", c.size, c.days, len(found), err)
		}
		if n, _ := w.notice.Notice(); n.Text != c.say {
			t.Errorf("all %s, days %s: it is said %q, want %q", c.size, c.days, n.Text, c.say)
		}
	}
	w := benchWithUsualCaptures(t)
	rows := settingsOf(t, settingsUnderTest(w), "Captures")
	for _, label := range []string{"All finished", "Days"} {
		for _, none := range []string{"none", "0"} {
			if err := rows[label].Set(none); err == nil || !strings.HasSuffix(err.Error(), ", or no limit") {
				t.Errorf("%s takes %s, which would keep everything, and says %v", label, none, err)
			}
		}
	}
	w.space.KeepBytes, w.space.KeepDays = 0, 0 // as an older version kept it
	if size, days := rows["All finished"].Get(), rows["Days"].Get(); size != "no limit" || days != "no limit" {
		t.Errorf("0 is shown as %q and %q", size, days)
	}
}

func TestNewTabsTakeTheDefaultsAndOpenOnesKeepTheirs(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	open := w.newTCP("")
	choose(t, w, "TCP and TLS clients", "Connect timeout", "3s", "Send small writes at once (no delay)", "false")
	choose(t, w, "Certificates and TLS", "Policy", "2", "Handshake timeout", "4s")
	choose(t, w, "Servers", "Most clients", "7", "A slow client", "1")
	choose(t, w, "UDP sockets", "Time to live", "9", "Allow sending to broadcast addresses", "true")
	choose(t, w, "Captures", "One session", "1 GiB")
	choose(t, w, "Window", "Empty the message field after sending", "true")
	if c, _ := open.config(); c.ConnectTimeout != sessions.DefaultTCP().ConnectTimeout || !c.NoDelay {
		t.Errorf("the open tab has %+v", c)
	}
	tcp := w.newTCP("")
	if c, _ := tcp.config(); c.ConnectTimeout != 3*time.Second || c.NoDelay {
		t.Errorf("a new TCP client has %+v", c)
	}
	if got := tcp.session.Traffic().Stats().Budget; got != 1<<30 || !tcp.composer.ClearAfterSend || !open.composer.ClearAfterSend {
		t.Errorf("its budget is %d, and it clears %v", got, tcp.composer.ClearAfterSend)
	}
	tab := w.newTLS("")
	base, _ := tab.config()
	v, _ := tab.tls.options.Values()
	if c, err := tlsConfig(base, v); err != nil || c.Policy != sessions.Policy(2) || c.HandshakeTimeout != 4*time.Second || c.ConnectTimeout != 3*time.Second {
		t.Errorf("a new TLS client has %+v, %v", c, err)
	}
	if c, _, err := w.newServer(savedTab{Address: ":0"}).config(); err != nil || c.MaxClients != 7 || c.WhenFull != sessions.FullDrop {
		t.Errorf("a new server has %+v, %v", c, err)
	}
	for _, u := range []*udpTab{w.newUDP(savedTab{}), w.openAddress("udp://127.0.0.1:0?to=127.0.0.1:9").(*udpTab)} {
		if v, _ := u.options.Values(); v.TTL != 9 || !v.Broadcast || !v.MulticastLoop {
			t.Errorf("a new UDP socket has %+v", v)
		}
	}
	// A tab that is restored has what it was saved with.
	if c, _ := w.newClient(savedTab{Kind: "tcp", Options: usualTCP()}).config(); c.ConnectTimeout != sessions.DefaultTCP().ConnectTimeout {
		t.Errorf("a restored tab has %+v", c)
	}
}

// benchWithUsualCaptures has no folder from the command line.
func benchWithUsualCaptures(t *testing.T) *workbench {
	t.Helper()
	dir := t.TempDir()
	w := newWorkbench(newHeldApp(t), Options{usualCaptures: filepath.Join(dir, "captures"), LanguageDir: filepath.Join(dir, "languages"), Version: "test"}, filepath.Join(dir, "workspace.json"))
	w.pick = &fakePicker{}
	w.win.Resize(fyne.NewSize(1100, 720))
	t.Cleanup(w.shutdown)
	return w
}

// closed waits for a tab that was closed to have ended, and for its capture to
// have been found.
func closed(t *testing.T, w *workbench) {
	t.Helper()
	w.settle()
	if len(w.finished) != 1 {
		t.Errorf("%d captures have ended", len(w.finished))
	}
}

func TestNewSessionsAreCapturedInTheFolderChosen(t *testing.T) {
	w := benchWithUsualCaptures(t)
	folder := t.TempDir()
	w.pick.(*fakePicker).folder = folder
	s := settingsUnderTest(w)
	s.panel.ShowPage("Captures")
	before := connect(t, w, echo(t))
	row, _ := s.panel.Row("Captures", "Folder")
	s.chooseFolder(row)
	w.catchUp()
	if w.captureDir() != folder {
		t.Fatalf("captures go to %s", w.captureDir())
	}
	connect(t, w, echo(t))
	for _, dir := range []string{folder, w.opts.usualCaptures} {
		until(t, w, "a capture in "+dir, func() bool {
			files, _ := filepath.Glob(filepath.Join(dir, "*.pcapng"))
			return len(files) == 1
		})
	}
	// What is in either folder is found, and what ended is told of.
	w.closeTab(before)
	closed(t, w)
	if dirs := w.captureDirs(); !slices.Equal(dirs, []string{folder, w.opts.usualCaptures}) {
		t.Errorf("captures are looked for in %v", dirs)
	}
	s.panel.Undo()
	if w.captureDir() != w.opts.usualCaptures {
		t.Errorf("undone, captures go to %s", w.captureDir())
	}
}

func TestAFolderThatCannotBeWrittenIsRefusedAndTheOldOneStays(t *testing.T) {
	w := benchWithUsualCaptures(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := settingsUnderTest(w)
	folder, _ := s.panel.Row("Captures", "Folder")
	if folder.Try("relative") || w.space.CaptureFolder != "" {
		t.Error("a part of a path was taken")
	}
	for _, bad := range []string{file, filepath.Join(file, "below")} {
		w.pick.(*fakePicker).folder = bad
		s.panel.ShowPage("Window")
		s.chooseFolder(folder)
		if w.catchUp(); w.space.CaptureFolder != "" || s.panel.Page() != "Captures" {
			t.Errorf("%s was taken, and %s is shown", bad, s.panel.Page())
		}
	}
}

// A folder may be on a machine that does not answer, and so may a file.
func TestNothingIsLookedForOrWrittenByTheWindowItself(t *testing.T) {
	w := benchWithUsualCaptures(t)
	p := w.pick.(*fakePicker)
	p.folder, p.save = t.TempDir(), filepath.Join(t.TempDir(), "xx.json")
	s := settingsUnderTest(w)
	var waiting []func()
	s.beside = func(f func()) { waiting = append(waiting, f) }
	folder, _ := s.panel.Row("Captures", "Folder")
	language, _ := s.panel.Row("Window", "Language")
	s.chooseFolder(folder)
	s.saveTemplate(language)
	w.catchUp()
	if _, err := os.Stat(p.save); err == nil || p.asked.Title == "Where captures are kept" || w.space.CaptureFolder != "" {
		t.Errorf("asked is %q, the folder is %q, the file: %v", p.asked.Title, w.space.CaptureFolder, err)
	}
	for len(waiting) > 0 {
		f := waiting[0]
		waiting = waiting[1:]
		f()
		w.catchUp()
	}
	if _, err := os.Stat(p.save); err != nil || w.space.CaptureFolder != p.folder {
		t.Errorf("in the end, the folder is %q, the file: %v", w.space.CaptureFolder, err)
	}
}

func TestWhatIsSavedIsToldOnceItIsThere(t *testing.T) {
	w, p := newBenchUnderTest(t)
	p.save = filepath.Join(t.TempDir(), "root.pem")
	for _, want := range []string{"Saved as " + p.save, "save the root"} {
		var told string
		w.saveAs("root.pem", []byte("PEM"), "the root", func(s string) { told = s }, func(err error) { told = err.Error() })
		w.settle()
		if b, err := os.ReadFile(p.save); !strings.HasPrefix(told, want) || want[0] == 'S' && string(b) != "PEM" {
			t.Errorf("it is told %q, and the file has %q, %v", told, b, err)
		}
		p.save = filepath.Join(p.save, "below a file")
	}
}

func TestAFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("what was there before"), 0o600); err != nil {
		t.Fatal(err)
	}
	same, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer same.Close()
	if err := writeWhole(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	old, _ := io.ReadAll(same)
	now, _ := os.ReadFile(path)
	if string(old) != "what was there before" || string(now) != "new" {
		t.Errorf("the old file has %q, the new one %q", old, now)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(filepath.Join(dir, "folder"), nil); err == nil {
		t.Error("a folder was written")
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("left behind are %v", left)
	}
}

func TestTheCommandLinesFolderWins(t *testing.T) {
	w, _ := newBenchUnderTest(t) // it has one
	given := w.opts.CaptureDir
	choose(t, w, "Captures", "Folder", t.TempDir())
	if w.captureDir() != given || len(w.captureDirs()) != 1 {
		t.Errorf("captures go to %s", w.captureDir())
	}
	s := settingsUnderTest(w)
	if hint := settingsOf(t, s, "Captures")["Folder"].Hint; !strings.Contains(hint, "command line") {
		t.Errorf("the settings say %q", hint)
	}
}

func TestTheSettingsTellWhatTheCaptureFolderHolds(t *testing.T) {
	w := benchWithUsualCaptures(t)
	tab := connect(t, w, echo(t))
	w.closeTab(tab)
	closed(t, w)
	s := settingsUnderTest(w)
	s.panel.ShowPage("Captures")
	s.look()
	if w.catchUp(); !strings.HasPrefix(s.holds, "1 finished capture is there: ") {
		t.Errorf("it holds %q", s.holds)
	}
}

func TestWhatALaterVersionKeptComesBackToIt(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	text := `{"version": 1, "later": {"a": [1, 2.50]}, "view": {"fold": "x", "littleEndian": true},
		"defaults": {"tcp": {"timeout": 3000000000, "noDelay": true, "keepAlive": 0, "pace": 7}, "quic": {}}}`
	if err := os.WriteFile(w.spacePath, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	space, err := loadWorkspace(w.spacePath)
	if err != nil {
		t.Fatal(err)
	}
	read := func() (all struct {
		Later    json.RawMessage
		View     map[string]any
		Defaults map[string]map[string]any
		Theme    string
	}) {
		if err := space.saveTo(w.spacePath); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(w.spacePath)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	space.Theme = darkTheme
	got := read()
	if strings.Join(strings.Fields(string(got.Later)), "") != `{"a":[1,2.50]}` || got.View["fold"] != "x" || got.View["littleEndian"] != true ||
		got.Defaults["tcp"]["pace"] != 7.0 || got.Defaults["quic"] == nil || got.Theme != "dark" {
		t.Errorf("it came back as %+v", got)
	}
	// What belonged to something that has gone goes with it.
	space.Defaults.TCP = nil
	if got := read(); got.Defaults["tcp"] != nil || got.Defaults["quic"] == nil {
		t.Errorf("without its defaults it is %+v", got.Defaults)
	}
	if st, err := os.Stat(w.spacePath); err != nil || runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
}

func TestDefaultsOutOfRangeAreBroughtBack(t *testing.T) {
	w := defaultWorkspace()
	w.Defaults = newTabs{TCP: &tcpOptions{Timeout: -1, KeepAlive: 1 << 60}, TLS: &tlsOptions{MinVersion: 7},
		Server: &serverOptions{MaxClients: -1, MaxQueue: 1 << 60, IdleTimeout: 1, KeepAlive: -5}, UDP: &udpOptions{TTL: 999, MulticastTTL: -1, ReceiveBuffer: 1 << 40}}
	w.bound()
	if err := (sessions.TCPConfig{Address: "127.0.0.1:1", ConnectTimeout: w.Defaults.TCP.Timeout, KeepAlive: w.Defaults.TCP.KeepAlive}).Check(); err != nil {
		t.Error(err)
	}
	v := serverValues(sessions.DefaultServer(), w.Defaults.Server)
	c, err := serverConfig("127.0.0.1:0", v)
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		t.Error(err)
	}
	if err := udpConfig("127.0.0.1:0", "", false, udpValues(w.Defaults.UDP)).Check(); err != nil {
		t.Error(err)
	}
	if w.Defaults.TLS.MinVersion != usualTLS().MinVersion || w.Defaults.TLS.Timeout != usualTLS().Timeout {
		t.Errorf("%+v", w.Defaults.TLS)
	}
}

const german = `{
	"English // the name of your language, in itself": "Deutsch",
	"File": "Datei", "View": "Ansicht", "Theme": "Farben", "Dark": "Dunkel", "Settings...": "Einstellungen ...", "Window": "Fenster",
	"Connect": "Verbinden", "TCP client": "TCP-Client", "%s client": "%s-Client", "Begin with": "Anfangen mit", "Quit": "Beenden"
}`

func TestTheMenuIsGermanWithAGermanFile(t *testing.T) {
	w := benchWithUsualCaptures(t)
	inGerman(t, w, german)
	menu := w.win.MainMenu()
	var titles []string
	for _, m := range menu.Items {
		titles = append(titles, m.Label)
	}
	if !slices.Equal(titles, []string{"Datei", "Session", "Ansicht", "Lab", "Help"}) {
		t.Errorf("the menus are %q", titles)
	}
	has := func(items []*fyne.MenuItem, label string) *fyne.MenuItem {
		for _, i := range items {
			if i.Label == label {
				return i
			}
		}
		t.Errorf("%q is not in the menu", label)
		return &fyne.MenuItem{ChildMenu: &fyne.Menu{}}
	}
	has(menu.Items[0].Items, "Einstellungen ...")
	has(menu.Items[0].Items, "Close tab") // not translated
	has(has(menu.Items[2].Items, "Farben").ChildMenu.Items, "Dunkel")
	if pages := settingsUnderTest(w).pages(); pages[0].Title != "Fenster" || pages[1].Title != "Captures" {
		t.Errorf("the settings' pages are %q, %q", pages[0].Title, pages[1].Title)
	}
	if tab := w.newTCP(""); tab.title() != "TCP-Client" {
		t.Errorf("the tab is called %q", tab.title())
	}
	if !slices.ContainsFunc(w.commands(), func(c widgets.Command) bool { return c.Name == "Farben: Dunkel" }) {
		t.Error("the palette has no German command")
	}
	// The next start speaks it too.
	w.saveNow()
	again, err := loadWorkspace(w.spacePath)
	if err != nil || again.Language != "de" || w.languages.choose(again.Language).Name() != "Deutsch" {
		t.Errorf("%q, %v", again.Language, err)
	}
}

func TestAChoiceOfLanguageIsUndoneWithWhatWasChangedBefore(t *testing.T) {
	w := benchWithUsualCaptures(t)
	before := words.InUse()
	t.Cleanup(func() { words.Use(before) })
	if err := os.MkdirAll(w.opts.LanguageDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.opts.LanguageDir, "de.json"), []byte(german), 0o600); err != nil {
		t.Fatal(err)
	}
	s := w.openSettings("", func(f func()) { f() })
	set := func(label string, value string) {
		t.Helper()
		if row, ok := s.panel.Row("Window", label); !ok || !row.Try(value) {
			t.Fatalf("%s %s was not taken", label, value)
		}
	}
	set("Theme", "2")
	set("Language", "2")
	if w.catchUp(); w.space.Language != "de" || s.panel.Page() != "Fenster" || len(w.modals) != 1 {
		t.Fatalf("spoken is %q on page %s, with %d dialogs", w.space.Language, s.panel.Page(), len(w.modals))
	}
	list, ok := w.win.Canvas().Focused().(interface{ SelectedIndex() int })
	if !ok || list.SelectedIndex() != 2 {
		t.Errorf("the keyboard is in %T", w.win.Canvas().Focused())
	}
	s.panel.Undo()
	if w.catchUp(); w.space.Language != "" || s.panel.Page() != "Window" || w.space.Theme != darkTheme {
		t.Errorf("undone, spoken is %q on page %s with theme %s", w.space.Language, s.panel.Page(), w.space.Theme)
	}
	if s.panel.Undo(); w.space.Theme != followSystem {
		t.Errorf("undone again, the theme is %s", w.space.Theme)
	}
	w.modalKey(fyne.KeyEscape)
	if len(w.modals) != 0 || s.hide != nil {
		t.Error("Escape does not close them")
	}
}

func TestTheSystemsLanguageIsTakenIfThereIsATranslation(t *testing.T) {
	w := benchWithUsualCaptures(t)
	inGerman(t, w, german)
	for tag, want := range map[string]string{"de": "Deutsch", "de-AT": "Deutsch", "en": "English", "fr": "English", "no tag!": "English"} {
		if got := w.languages.choose(tag).Name(); got != want {
			t.Errorf("%s is spoken as %s, want %s", tag, got, want)
		}
	}
}

func TestABrokenTranslationStandsInTheSettingsWithItsPlace(t *testing.T) {
	w := benchWithUsualCaptures(t)
	inGerman(t, w, strings.Replace(german, `"Connect"`, `"Connect" "`, 1))
	note := settingsUnderTest(w).languageSetting().Note()
	if !strings.Contains(note, "de.json, line 4, column ") {
		t.Errorf("the settings say %q", note)
	}
	if got := words.Say("File"); got != "Datei" {
		t.Errorf("what stands before the fault is not used: %q", got)
	}
	if err := os.WriteFile(filepath.Join(w.opts.LanguageDir, "fr.json"), []byte("["), 0o600); err != nil {
		t.Fatal(err)
	}
	w.languages = loadLanguages(w.opts.LanguageDir)
	s := settingsUnderTest(w)
	if set := s.languageSetting(); len(set.Choices) != 3 || !strings.Contains(set.Note(), "fr.json, line 1") {
		t.Errorf("%q; %q", set.Choices, set.Note())
	}
}

func TestTheEnglishTextsAreSavedForATranslator(t *testing.T) {
	w := benchWithUsualCaptures(t)
	path := filepath.Join(t.TempDir(), "fr.json")
	w.pick.(*fakePicker).save = path
	s := settingsUnderTest(w)
	row, _ := s.panel.Row("Window", "Language")
	s.saveTemplate(row)
	w.catchUp()
	if l := words.Read(path); len(l.Faults) > 0 {
		t.Error(l.Faults)
	}
	if note := s.languageSetting().Note(); note != "Saved as "+path {
		t.Errorf("the settings say %q", note)
	}
	w.pick.(*fakePicker).save = filepath.Join(path, "below a file", "fr.json")
	s.saveTemplate(row)
	w.catchUp()
	if note := s.languageSetting().Note(); note != "" || w.languages.problem != "" {
		t.Errorf("not saved, the settings say %q, and of the languages %q", note, w.languages.problem)
	}
	if said := shownTexts(s.panel); !strings.Contains(said, "Save the English texts: ") {
		t.Errorf("it is not said that it was not saved, but: %s", said)
	}
}
