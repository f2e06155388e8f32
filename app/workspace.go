package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"

	"wirebench/widgets/words"
)

// Bounds on what is remembered from one start to the next.
const (
	maxAddresses = 50
	maxMessages  = 50
	maxTabs      = 100
	maxWorkspace = 16 << 20 // bytes of the file
)

// workspace is everything that comes back at the next start. It holds what
// people typed, so the file is readable by its owner alone.
type workspace struct {
	Version   int           `json:"version"`
	Width     float32       `json:"width,omitempty"`
	Height    float32       `json:"height,omitempty"`
	Theme     appearance    `json:"theme,omitempty"`
	TextSize  float32       `json:"textSize,omitempty"`
	Tabs      []savedTab    `json:"tabs,omitempty"`
	Selected  int           `json:"selected"`
	Addresses []string      `json:"addresses,omitempty"` // of TCP clients, newest first
	TLS       []string      `json:"tls,omitempty"`       // addresses of TLS clients, newest first
	Servers   []string      `json:"servers,omitempty"`   // where servers listened, newest first
	Binds     []string      `json:"binds,omitempty"`     // where datagram sockets were bound, newest first
	Targets   []string      `json:"targets,omitempty"`   // where they sent to, newest first
	Recent    []string      `json:"recent,omitempty"`    // of all kinds, as URLs, newest first
	Messages  []sentMessage `json:"messages,omitempty"`  // newest first
	Folder    string        `json:"folder,omitempty"`    // last used in a file dialog
	View      viewChoice    `json:"view"`

	// CaptureBudget bounds the bytes of one session's capture; 0 means the
	// engine's default.
	CaptureBudget int64 `json:"captureBudget,omitempty"`
	// KeepDays and KeepBytes bound what finished captures stay on disk; 0 is
	// no limit.
	KeepDays  int   `json:"keepDays"`
	KeepBytes int64 `json:"keepBytes"`
	// CaptureFolder is where captures are kept; "" for the usual folder.
	CaptureFolder string `json:"captureFolder,omitempty"`
	// Language is what the window speaks, as a tag of BCP 47; "" for the system's.
	Language string `json:"language,omitempty"`
	// Defaults are the options that new tabs begin with.
	Defaults newTabs `json:"defaults,omitzero"`

	// more is what the file held that is not known here: what a later version
	// has put there comes back to it.
	more *unknown
}

// savedTab is one tab, without its traffic: that lives in the capture.
type savedTab struct {
	Kind    string         `json:"kind"` // "tcp", "tls", "server", "udp" or "capture"
	Address string         `json:"address,omitempty"`
	Options *tcpOptions    `json:"options,omitempty"`
	TLS     *tlsOptions    `json:"tls,omitempty"` // of a TLS client
	Server  *serverOptions `json:"server,omitempty"`
	UDP     *udpOptions    `json:"udp,omitempty"`
	Telnet  bool           `json:"telnet,omitempty"` // of a client, whether it speaks that
	Lines   []string       `json:"lines,omitempty"`  // that were sent with it, the latest last
	Draft   string         `json:"draft,omitempty"`  // what stood in the composer
	Mode    string         `json:"mode,omitempty"`   // "hex" or "fields"; "" is text
	Ending  string         `json:"ending,omitempty"`
	Order   string         `json:"order,omitempty"` // of fields: "big" or "little"; "" is the tab's
	Files   []string       `json:"files,omitempty"` // of a capture tab

	// How what is received and sent is cut into frames, as framing.Parse reads it; "" for reads and writes.
	FramingIn  string `json:"framingIn,omitempty"`
	FramingOut string `json:"framingOut,omitempty"`
}

// viewChoice is how a tab's panels are arranged, the same in every tab.
type viewChoice struct {
	BytesPerRow    int      `json:"bytesPerRow,omitempty"` // 0 fits the width
	Grouping       int      `json:"grouping,omitempty"`    // bytes written without a space between; 0 is 1
	Charset        string   `json:"charset,omitempty"`     // of text, by name; "" for UTF-8
	RelativeTime   bool     `json:"relativeTime,omitempty"`
	LittleEndian   bool     `json:"littleEndian,omitempty"`
	HideTraffic    bool     `json:"hideTraffic,omitempty"`
	HideHex        bool     `json:"hideHex,omitempty"`
	HideInspector  bool     `json:"hideInspector,omitempty"`
	HideComposer   bool     `json:"hideComposer,omitempty"`
	SplitList      float64  `json:"splitList,omitempty"`
	SplitInspector float64  `json:"splitInspector,omitempty"`
	SplitComposer  float64  `json:"splitComposer,omitempty"`
	SplitCard      float64  `json:"splitCard,omitempty"`
	SplitCardAlone float64  `json:"splitCardAlone,omitempty"` // while there is no connection
	Card           cardPlan `json:"card,omitzero"`
	SplitClients   float64  `json:"splitClients,omitempty"`
	HideClients    bool     `json:"hideClients,omitempty"`
	SplitPeers     float64  `json:"splitPeers,omitempty"`
	SplitTerminal  float64  `json:"splitTerminal,omitempty"`
	HidePeers      bool     `json:"hidePeers,omitempty"`
	HideRepeat     bool     `json:"hideRepeat,omitempty"`
	HiddenRows     []string `json:"hiddenRows,omitempty"`
	ClearAfterSend bool     `json:"clearAfterSend,omitempty"`
	HideFilter     bool     `json:"hideFilter,omitempty"`
}

// cardPlan is how the certificate card is arranged; see
// [widgets.CertificateCardState].
type cardPlan struct {
	Across float64 `json:"across,omitempty"`
	Down   float64 `json:"down,omitempty"`
	Beside float64 `json:"beside,omitempty"`
}

func defaultWorkspace() *workspace {
	return &workspace{
		Version:   1,
		Width:     1180,
		Height:    760,
		TextSize:  defaultTextSize,
		KeepDays:  14,
		KeepBytes: 8 << 30,
		View:      viewChoice{SplitList: 0.5, SplitInspector: 0.68, SplitComposer: 0.78, SplitCard: 0.45, SplitCardAlone: 0.68, SplitClients: 0.32, SplitPeers: 0.25, SplitTerminal: 0.5},
	}
}

// loadWorkspace reads path. A missing file is the first start and no error;
// with any error the defaults are returned beside it, so the window opens.
func loadWorkspace(path string) (*workspace, error) {
	w := defaultWorkspace()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return w, nil
	}
	if err != nil {
		return w, fmt.Errorf("%s: %w", words.Say("read the workspace"), err)
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.Size() > maxWorkspace {
		return w, errors.New(words.Say("read the workspace: %s is %d bytes, more than the %d it can be", path, st.Size(), maxWorkspace))
	}
	b, err := io.ReadAll(f)
	if err == nil {
		err = json.Unmarshal(b, w)
	}
	if err != nil {
		return defaultWorkspace(), fmt.Errorf("%s: %s: %w", words.Say("read the workspace"), path, err)
	}
	w.more = unknownFields(b, reflect.TypeFor[workspace]())
	w.bound()
	return w, nil
}

// bound brings what a file said back into the ranges the window can show.
func (w *workspace) bound() {
	w.Width = min(max(w.Width, 640), 8000)
	w.Height = min(max(w.Height, 420), 8000)
	if w.TextSize == 0 {
		w.TextSize = defaultTextSize
	}
	w.TextSize = min(max(w.TextSize, minTextSize), maxTextSize)
	if w.CaptureBudget != 0 {
		w.CaptureBudget = min(max(w.CaptureBudget, minBudget), maxBudget)
	}
	w.KeepDays = min(max(w.KeepDays, 0), maxDays)
	w.Defaults.bound()
	w.KeepBytes = min(max(w.KeepBytes, 0), maxBudget)
	for _, list := range []*[]string{&w.Addresses, &w.TLS, &w.Servers, &w.Binds, &w.Targets, &w.Recent} {
		*list = (*list)[:min(len(*list), maxAddresses)]
	}
	w.Messages = w.Messages[:min(len(w.Messages), maxMessages)]
	w.Tabs = w.Tabs[:min(len(w.Tabs), maxTabs)]
	for _, f := range []*float64{&w.View.SplitList, &w.View.SplitInspector, &w.View.SplitComposer, &w.View.SplitCard, &w.View.SplitCardAlone, &w.View.SplitClients, &w.View.SplitPeers, &w.View.SplitTerminal} {
		if *f < 0.05 || *f > 0.95 {
			*f = 0.5
		}
	}
}

// encode gives the workspace as its file has it.
func (w *workspace) encode() ([]byte, error) {
	b, err := json.MarshalIndent(w, "", "\t")
	if err == nil && w.more != nil {
		b, err = w.more.with(b)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", words.Say("save the workspace"), err)
	}
	return b, nil
}

// remember puts s at the front of list, once, within limit.
func remember(list []string, s string, limit int) []string {
	if s == "" {
		return list
	}
	kept := slices.DeleteFunc(slices.Clone(list), func(o string) bool { return o == s })
	kept = slices.Insert(kept, 0, s)
	return kept[:min(len(kept), limit)]
}
