package app

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// capturesTitle is the page that needs a look into the folder.
const capturesTitle words.Text = "Captures"

// Bounds of the options, as the forms of the tabs have them.
const (
	longestTimeout  = time.Hour
	longestKeep     = 24 * time.Hour
	longestProbe    = 32_767 * time.Second
	longestIdle     = 30 * 24 * time.Hour
	mostClients     = 1_000_000
	mostQueue       = 1 << 30
	mostUDPBuffer   = 1 << 30
	leastQueue      = 1
	leastUDPBuffer  = 1
	mostTimesToLive = 255
)

// pages are the settings, page by page.
func (s *settingsWindow) pages() []widgets.SettingsPage {
	return []widgets.SettingsPage{s.windowPage(), s.capturesPage(), s.connectPage(), s.tlsPage(), s.serverPage(), s.udpPage()}
}

var appearances = []appearance{followSystem, lightTheme, darkTheme}

func (s *settingsWindow) windowPage() widgets.SettingsPage {
	w := s.bench
	sizes, usualSize := []string{}, 0
	for n := minTextSize; n <= maxTextSize; n++ {
		name := strconv.Itoa(n)
		if n == defaultTextSize {
			name = words.Say("%s (usual)", name)
			usualSize = n - minTextSize
		}
		sizes = append(sizes, name)
	}
	return widgets.SettingsPage{Title: words.Say("Window"), Rows: []widgets.Setting{
		choiceSetting(words.Say("Theme"), []string{words.Say("As the system"), words.Say("Light"), words.Say("Dark")}, 0,
			func() int { return max(slices.Index(appearances, w.space.Theme), 0) },
			func(i int) { w.setTheme(appearances[i]) }),
		choiceSetting(words.Say("Text size"), sizes, usualSize,
			func() int { return int(w.space.TextSize) - minTextSize },
			func(i int) { w.setTextSize(float32(minTextSize + i)) }),
		s.languageSetting(),
		tickSetting(words.Say("Empty the message field after sending"), false,
			func() bool { return w.space.View.ClearAfterSend }, w.setClearAfterSend),
	}}
}

func (s *settingsWindow) capturesPage() widgets.SettingsPage {
	w := s.bench
	hint := words.Say("Holds for new sessions; captures stay where they are.")
	if w.opts.CaptureDir != "" {
		hint = words.Say("This time the command line says where; what is chosen here holds for starts without it.")
	}
	unbounded := words.Say("no limit // to what is kept")
	days := func() int64 { return int64(w.space.KeepDays) }
	return widgets.SettingsPage{Title: words.Say(capturesTitle), Rows: []widgets.Setting{
		{Label: words.Say("Folder"), Hint: hint, Kind: widgets.SettingPath, Usual: w.opts.usualCaptures,
			Get:  func() string { return cmp.Or(w.space.CaptureFolder, w.opts.usualCaptures, w.opts.CaptureDir) },
			Set:  s.setCaptureFolder,
			Note: func() string { return s.holds },
			Buttons: []widgets.SettingButton{
				{Label: words.Say("Choose..."), Run: s.chooseFolder},
				{Label: words.Say("The usual folder"), Run: func(folder widgets.SettingRow) { folder.Try(w.opts.usualCaptures) }},
			}},
		widgets.SizeSetting(widgets.Setting{Label: words.Say("One session"), Usual: widgets.WriteSize(capture.DefaultBudget, ""),
			Hint: words.Say("How much of one session is kept; its oldest bytes go first. Holds for new tabs.")},
			minBudget, maxBudget, "",
			func() int64 { return cmp.Or(w.space.CaptureBudget, capture.DefaultBudget) },
			func(n int64) { w.space.CaptureBudget = n }),
		widgets.SizeSetting(widgets.Setting{Label: words.Say("All finished"), Usual: widgets.WriteSize(defaultWorkspace().KeepBytes, unbounded),
			Hint: words.Say("How much of finished captures is kept, all together; the oldest are removed at the next start.")},
			1, maxBudget, unbounded,
			func() int64 { return w.space.KeepBytes }, func(n int64) { w.space.KeepBytes = n }),
		widgets.CountSetting(widgets.Setting{Label: words.Say("Days"), Usual: widgets.WriteCount(int64(defaultWorkspace().KeepDays), unbounded),
			Hint: words.Say("How long finished captures are kept; those that are older are removed at the next start.")},
			1, maxDays, unbounded, days, func(n int64) { w.space.KeepDays = int(n) }),
	}}
}

func (s *settingsWindow) connectPage() widgets.SettingsPage {
	d, usual := &s.bench.space.Defaults, usualTCP()
	now := func() tcpOptions { return defaultsOf(d.TCP, usualTCP) }
	set := func(f func(o *tcpOptions)) { changeDefault(&d.TCP, usualTCP, f) }
	never := words.Say("never // sending probes")
	return widgets.SettingsPage{Title: words.Say("TCP and TLS clients"), Note: newTabsNote(), Rows: []widgets.Setting{
		widgets.DurationSetting(widgets.Setting{Label: words.Say("Connect timeout"), Usual: widgets.WriteDuration(usual.Timeout, "")}, longestTimeout, "",
			func() time.Duration { return now().Timeout }, func(t time.Duration) { set(func(o *tcpOptions) { o.Timeout = t }) }),
		widgets.DurationSetting(widgets.Setting{Label: words.Say("Keep alive every"), Usual: widgets.WriteDuration(usual.KeepAlive, never),
			Hint: words.Say("Between probes of an idle connection.")}, longestKeep, never,
			func() time.Duration { return now().KeepAlive }, func(t time.Duration) { set(func(o *tcpOptions) { o.KeepAlive = t }) }),
		tickSetting(words.Say("Send small writes at once (no delay)"), usual.NoDelay,
			func() bool { return now().NoDelay }, func(on bool) { set(func(o *tcpOptions) { o.NoDelay = on }) }),
		tickSetting(words.Say("Stay half-open when the peer closes"), usual.HalfOpen,
			func() bool { return now().HalfOpen }, func(on bool) { set(func(o *tcpOptions) { o.HalfOpen = on }) }),
		tickSetting(words.Say("Reset on close (RST, not FIN)"), usual.ResetOnClose,
			func() bool { return now().ResetOnClose }, func(on bool) { set(func(o *tcpOptions) { o.ResetOnClose = on }) }),
	}}
}

func (s *settingsWindow) tlsPage() widgets.SettingsPage {
	d, usual, choices := &s.bench.space.Defaults, usualTLS(), tlsChoices()
	now := func() tlsOptions { return defaultsOf(d.TLS, usualTLS) }
	set := func(f func(o *tlsOptions)) { changeDefault(&d.TLS, usualTLS, f) }
	tick := func(label string, field func(o *tlsOptions) *bool) widgets.Setting {
		o := *usual
		return tickSetting(label, *field(&o),
			func() bool { o := now(); return *field(&o) }, func(on bool) { set(func(o *tlsOptions) { *field(o) = on }) })
	}
	version := func(label string, usual int, field func(o *tlsOptions) *uint16) widgets.Setting {
		return choiceSetting(label, choices.Versions, usual,
			func() int { o := now(); return slices.Index(tlsVersions, *field(&o)) },
			func(i int) { set(func(o *tlsOptions) { *field(o) = tlsVersions[i] }) })
	}
	asking := tick(words.Say("Fetch missing issuers (AIA)"), func(o *tlsOptions) *bool { return &o.LookAIA })
	asking.Hint = words.Say("These three tell the issuer's servers which certificate you look at.")
	return widgets.SettingsPage{Title: words.Say("Certificates and TLS"), Note: newTabsNote(), Rows: []widgets.Setting{
		choiceSetting(words.Say("Policy"), choices.Policies, 0,
			func() int { p, _ := sessions.ParsePolicy(now().Policy); return int(p) },
			func(i int) { set(func(o *tlsOptions) { o.Policy = sessions.Policy(i).String() }) }),
		choiceSetting(words.Say("Trust anchors"), choices.Trusts, 0,
			func() int { t, _ := sessions.ParseTrust(now().Trust); return int(t) },
			func(i int) { set(func(o *tlsOptions) { o.Trust = sessions.Trust(i).String() }) }),
		widgets.DurationSetting(widgets.Setting{Label: words.Say("Handshake timeout"), Usual: widgets.WriteDuration(usual.Timeout, "")}, longestTimeout, "",
			func() time.Duration { return now().Timeout }, func(t time.Duration) { set(func(o *tlsOptions) { o.Timeout = t }) }),
		version(words.Say("Lowest version"), defaultMinVersion, func(o *tlsOptions) *uint16 { return &o.MinVersion }),
		version(words.Say("Highest version"), defaultMaxVersion, func(o *tlsOptions) *uint16 { return &o.MaxVersion }),
		tick(words.Say("Legacy: also TLS 1.0, 1.1 and weak ciphers"), func(o *tlsOptions) *bool { return &o.Legacy }),
		tick(words.Say("Ask OCSP responders"), func(o *tlsOptions) *bool { return &o.LookOCSP }),
		tick(words.Say("Fetch revocation lists"), func(o *tlsOptions) *bool { return &o.LookCRL }),
		asking,
	}}
}

func (s *settingsWindow) serverPage() widgets.SettingsPage {
	d, usual := &s.bench.space.Defaults, usualServer()
	now := func() serverOptions { return defaultsOf(d.Server, usualServer) }
	set := func(f func(o *serverOptions)) { changeDefault(&d.Server, usualServer, f) }
	never := words.Say("never // closing idle clients, sending probes")
	full := []string{words.Say("wait until it has read"), words.Say("drop the newest"), words.Say("disconnect it")}
	return widgets.SettingsPage{Title: words.Say("Servers"), Note: newTabsNote(), Rows: []widgets.Setting{
		widgets.CountSetting(widgets.Setting{Label: words.Say("Most clients"), Usual: widgets.FormatCount(int64(usual.MaxClients)),
			Hint: words.Say("Connected at once; those beyond are reset and counted.")}, 1, mostClients, "",
			func() int64 { return int64(now().MaxClients) }, func(n int64) { set(func(o *serverOptions) { o.MaxClients = int(n) }) }),
		widgets.SizeSetting(widgets.Setting{Label: words.Say("Waiting for a client"), Usual: widgets.WriteSize(usual.MaxQueue, ""),
			Hint: words.Say("Bytes that may wait for one client that reads slowly.")}, leastQueue, mostQueue, "",
			func() int64 { return now().MaxQueue }, func(n int64) { set(func(o *serverOptions) { o.MaxQueue = n }) }),
		choiceSetting(words.Say("A slow client"), full, 0,
			func() int { return max(slices.Index(fullPolicies, now().WhenFull), 0) },
			func(i int) { set(func(o *serverOptions) { o.WhenFull = fullPolicies[i] }) }),
		widgets.DurationSetting(widgets.Setting{Label: words.Say("Close idle clients after"), Usual: widgets.WriteDuration(usual.IdleTimeout, never)}, longestIdle, never,
			func() time.Duration { return now().IdleTimeout }, func(t time.Duration) { set(func(o *serverOptions) { o.IdleTimeout = max(t, leastIdleOf(t)) }) }),
		widgets.DurationSetting(widgets.Setting{Label: words.Say("Keep alive every"), Usual: widgets.WriteDuration(usual.KeepAlive, never),
			Hint: words.Say("Between probes of an idle client; whole seconds.")}, longestProbe, never,
			func() time.Duration { return now().KeepAlive }, func(t time.Duration) { set(func(o *serverOptions) { o.KeepAlive = wholeSeconds(t) }) }),
		tickSetting(words.Say("Send small writes at once (no delay)"), usual.NoDelay,
			func() bool { return now().NoDelay }, func(on bool) { set(func(o *serverOptions) { o.NoDelay = on }) }),
		tickSetting(words.Say("Keep clients half-open when they close their side"), usual.KeepHalfOpen,
			func() bool { return now().KeepHalfOpen }, func(on bool) { set(func(o *serverOptions) { o.KeepHalfOpen = on }) }),
	}}
}

// leastIdleOf is the least time after which idle clients can be closed; 0 for never.
func leastIdleOf(t time.Duration) time.Duration {
	if t == 0 {
		return 0
	}
	return 50 * time.Millisecond
}

func wholeSeconds(t time.Duration) time.Duration {
	if t == 0 {
		return 0
	}
	return max(t.Round(time.Second), time.Second)
}

func (s *settingsWindow) udpPage() widgets.SettingsPage {
	d, usual := &s.bench.space.Defaults, usualUDP()
	now := func() udpOptions { return defaultsOf(d.UDP, usualUDP) }
	set := func(f func(o *udpOptions)) { changeDefault(&d.UDP, usualUDP, f) }
	system, often := words.Say("system's // time to live"), words.Say("usual // size of a buffer")
	return widgets.SettingsPage{Title: words.Say("UDP sockets"), Note: newTabsNote(), Rows: []widgets.Setting{
		widgets.CountSetting(widgets.Setting{Label: words.Say("Time to live"), Usual: widgets.WriteCount(int64(usual.TTL), system),
			Hint: words.Say("Of datagrams to one host, in hops.")}, 1, mostTimesToLive, system,
			func() int64 { return int64(now().TTL) }, func(n int64) { set(func(o *udpOptions) { o.TTL = int(n) }) }),
		widgets.SizeSetting(widgets.Setting{Label: words.Say("Receive buffer"), Usual: widgets.WriteSize(int64(usual.ReceiveBuffer), often),
			Hint: words.Say("Bytes that may wait in the system; it gives what it allows.")}, leastUDPBuffer, mostUDPBuffer, often,
			func() int64 { return int64(now().ReceiveBuffer) }, func(n int64) { set(func(o *udpOptions) { o.ReceiveBuffer = int(n) }) }),
		tickSetting(words.Say("Allow sending to broadcast addresses"), usual.Broadcast,
			func() bool { return now().Broadcast }, func(on bool) { set(func(o *udpOptions) { o.Broadcast = on }) }),
		tickSetting(words.Say("Share the port with other sockets"), usual.ReuseAddress,
			func() bool { return now().ReuseAddress }, func(on bool) { set(func(o *udpOptions) { o.ReuseAddress = on }) }),
		widgets.CountSetting(widgets.Setting{Label: words.Say("Multicast time to live"), Usual: "1",
			Hint: words.Say("1 stays in this network.")}, 1, mostTimesToLive, "",
			func() int64 { return int64(max(now().MulticastTTL, 1)) }, func(n int64) {
				set(func(o *udpOptions) {
					if o.MulticastTTL = int(n); n == 1 {
						o.MulticastTTL = usual.MulticastTTL
					}
				})
			}),
		tickSetting(words.Say("This machine gets what it sends to a group"), usual.MulticastLoop,
			func() bool { return now().MulticastLoop }, func(on bool) { set(func(o *udpOptions) { o.MulticastLoop = on }) }),
	}}
}

func newTabsNote() string {
	return words.Say("New tabs begin with these; open ones keep theirs. Each tab's own are behind its Options button.")
}

// choiceSetting is one of several.
func choiceSetting(label string, choices []string, usual int, get func() int, set func(int)) widgets.Setting {
	return widgets.Setting{Label: label, Kind: widgets.SettingChoice, Choices: choices, Usual: strconv.Itoa(usual),
		Get: func() string { return strconv.Itoa(get()) },
		Set: func(value string) error {
			i, err := strconv.Atoi(value)
			if err != nil || i < 0 || i >= len(choices) {
				return errors.New(words.Say("there is no choice %q", value))
			}
			set(i)
			return nil
		}}
}

// tickSetting is on or off.
func tickSetting(label string, usual bool, get func() bool, set func(bool)) widgets.Setting {
	return widgets.Setting{Label: label, Kind: widgets.SettingTick, Usual: strconv.FormatBool(usual),
		Get: func() string { return strconv.FormatBool(get()) },
		Set: func(value string) error { set(value == "true"); return nil }}
}
