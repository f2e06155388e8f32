package app

import (
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wirebench/app/paths"
	"wirebench/sessions"
	"wirebench/sessions/reply"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// serverOptions are a server's options as kept on disk. There is no passphrase
// among them.
type serverOptions struct {
	Greeting string      `json:"greeting,omitempty"`
	Echo     bool        `json:"echo,omitempty"`
	Prefix   string      `json:"prefix,omitempty"`
	Rules    []savedRule `json:"rules,omitempty"`

	MaxClients  int           `json:"maxClients,omitempty"`
	MaxQueue    int64         `json:"maxQueue,omitempty"`
	WhenFull    string        `json:"whenFull,omitempty"`
	IdleTimeout time.Duration `json:"idleTimeout,omitempty"`

	TLS            bool     `json:"tls,omitempty"`
	OwnCertificate bool     `json:"ownCertificate,omitempty"`
	CertFile       string   `json:"certFile,omitempty"`
	KeyFile        string   `json:"keyFile,omitempty"`
	Names          []string `json:"names,omitempty"`
	ClientAuth     string   `json:"clientAuth,omitempty"`
	ClientCAFiles  []string `json:"clientCAFiles,omitempty"`
	MinVersion     uint16   `json:"minVersion,omitempty"`
	MaxVersion     uint16   `json:"maxVersion,omitempty"`
	ALPN           []string `json:"alpn,omitempty"`
	KeyLogFile     string   `json:"keyLogFile,omitempty"`

	Backlog      int           `json:"backlog,omitempty"`
	NoDelay      bool          `json:"noDelay"`
	KeepAlive    time.Duration `json:"keepAlive"`
	KeepHalfOpen bool          `json:"keepHalfOpen,omitempty"`
	PolicyFile   string        `json:"policyFile,omitempty"`

	AllTraffic bool `json:"allTraffic,omitempty"` // shown although clients are selected
	HideEnded  bool `json:"hideEnded,omitempty"`
	SortBy     int  `json:"sortBy,omitempty"` // a widgets.ClientColumn
	SortDown   bool `json:"sortDown,omitempty"`
}

// savedRule is a rule of the replies.
type savedRule struct {
	Match   string        `json:"match"`
	Pattern string        `json:"pattern"`
	Reply   string        `json:"reply"`
	Delay   time.Duration `json:"delay,omitempty"`
	Off     bool          `json:"off,omitempty"`
}

func tlsVersionNames() (names []string) {
	for _, v := range tlsVersions {
		names = append(names, tls.VersionName(v))
	}
	return names
}

// serverValues are the form's values for a new tab, or for one that was saved.
func serverValues(c sessions.ServerConfig, saved *serverOptions) widgets.ServerValues {
	v := widgets.ServerValues{
		MaxClients: c.MaxClients, MaxQueue: c.MaxQueue, NoDelay: c.NoDelay, KeepAlive: c.KeepAlive,
		MinVersion: defaultMinVersion, MaxVersion: defaultMaxVersion,
	}
	if saved == nil {
		return v
	}
	v.Replies = reply.Config{Greeting: saved.Greeting, Echo: saved.Echo, Prefix: saved.Prefix}
	for _, r := range saved.Rules[:min(len(saved.Rules), reply.MaxRules)] {
		match, _ := reply.ParseMatch(r.Match) // exact, if it is not known
		v.Replies.Rules = append(v.Replies.Rules, reply.Rule{Match: match, Pattern: r.Pattern, Reply: r.Reply, Delay: r.Delay, Off: r.Off})
	}
	v.MaxClients, v.MaxQueue, v.IdleTimeout = cmp.Or(saved.MaxClients, c.MaxClients), cmp.Or(saved.MaxQueue, c.MaxQueue), saved.IdleTimeout
	v.WhenFull = max(slices.Index(fullPolicies, saved.WhenFull), 0)
	v.TLS, v.OwnCertificate, v.CertFile, v.KeyFile, v.Names = saved.TLS, saved.OwnCertificate, saved.CertFile, saved.KeyFile, saved.Names
	if a, err := sessions.ParseClientAuth(saved.ClientAuth); err == nil {
		v.ClientAuth = int(a)
	}
	v.ClientCAFiles = fileList(saved.ClientCAFiles)
	if i := slices.Index(tlsVersions, saved.MinVersion); i >= 0 {
		v.MinVersion = i
	}
	if i := slices.Index(tlsVersions, saved.MaxVersion); i >= 0 {
		v.MaxVersion = i
	}
	v.ALPN, v.KeyLogFile = saved.ALPN, saved.KeyLogFile
	v.Backlog, v.NoDelay, v.KeepAlive, v.KeepHalfOpen, v.PolicyFile = saved.Backlog, saved.NoDelay, saved.KeepAlive, saved.KeepHalfOpen, saved.PolicyFile
	return v
}

// fullPolicies are the names of what happens to a message for a slow client, in
// the form's order, which is the engine's.
var fullPolicies = []string{sessions.FullWait.String(), sessions.FullDrop.String(), sessions.FullDisconnect.String()}

// savedServer is what is kept of the form.
func savedServer(v widgets.ServerValues) *serverOptions {
	s := &serverOptions{
		Greeting: v.Replies.Greeting, Echo: v.Replies.Echo, Prefix: v.Replies.Prefix,
		MaxClients: v.MaxClients, MaxQueue: v.MaxQueue, WhenFull: sessions.FullPolicy(v.WhenFull).String(), IdleTimeout: v.IdleTimeout,
		TLS: v.TLS, OwnCertificate: v.OwnCertificate, CertFile: v.CertFile, KeyFile: v.KeyFile, Names: v.Names,
		ClientAuth: sessions.ClientAuth(v.ClientAuth).String(), ClientCAFiles: filepath.SplitList(v.ClientCAFiles),
		MinVersion: tlsVersions[v.MinVersion], MaxVersion: tlsVersions[v.MaxVersion], ALPN: v.ALPN, KeyLogFile: v.KeyLogFile,
		Backlog: v.Backlog, NoDelay: v.NoDelay, KeepAlive: v.KeepAlive, KeepHalfOpen: v.KeepHalfOpen, PolicyFile: v.PolicyFile,
	}
	for _, r := range v.Replies.Rules {
		s.Rules = append(s.Rules, savedRule{r.Match.String(), r.Pattern, r.Reply, r.Delay, r.Off})
	}
	return s
}

// serverConfig is what the session is to use.
func serverConfig(address string, v widgets.ServerValues) (sessions.ServerConfig, error) {
	c := sessions.DefaultServer()
	c.Address, c.Backlog, c.NoDelay, c.KeepAlive = address, v.Backlog, v.NoDelay, v.KeepAlive
	if v.TLS {
		t := &sessions.ServerTLS{
			ClientAuth: sessions.ClientAuth(v.ClientAuth), ClientCAFiles: filepath.SplitList(v.ClientCAFiles),
			ALPN: v.ALPN, KeyLogFile: v.KeyLogFile, MinVersion: tlsVersions[v.MinVersion], MaxVersion: tlsVersions[v.MaxVersion],
		}
		if v.OwnCertificate {
			t.CertFile, t.KeyFile, t.Passphrase = v.CertFile, v.KeyFile, v.Passphrase
		} else {
			dir, err := paths.TestCADir()
			if err != nil {
				return c, err
			}
			t.CADir, t.Names = dir, v.Names
		}
		c.TLS = t
	}
	return liveConfig(c, v)
}

// liveConfig is c with what acts at once as the form says.
func liveConfig(c sessions.ServerConfig, v widgets.ServerValues) (sessions.ServerConfig, error) {
	c.Replies = v.Replies
	c.MaxClients, c.MaxQueue, c.WhenFull, c.IdleTimeout = v.MaxClients, v.MaxQueue, sessions.FullPolicy(v.WhenFull), v.IdleTimeout
	c.KeepHalfOpen = v.KeepHalfOpen
	p, err := readPolicy(v.PolicyFile)
	c.Policy = p
	return c, err
}

// readSmall reads a regular file of at most so many bytes.
func readSmall(path string, most int64) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errors.New(words.Say("%s is not a regular file", path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = errors.New(words.Say("%s is larger than %s", path, widgets.FormatSize(most)))
	}
	return b, err
}

// listenPlaces are this machine's addresses, for the menu of the listen bar.
func listenPlaces() []widgets.ListenPlace {
	places := []widgets.ListenPlace{
		{Host: "*", Label: "*   " + words.Say("every interface, IPv4 and IPv6"), Up: true},
		{Host: "0.0.0.0", Label: "0.0.0.0   " + words.Say("every interface, IPv4"), Up: true},
		{Host: "::", Label: "::   " + words.Say("every interface, IPv6"), Up: true},
	}
	all, err := sessions.Interfaces()
	if err != nil {
		return places
	}
	for _, i := range all {
		about := []string{i.Name}
		if i.Loopback {
			about = append(about, words.Say("loopback // an interface of this machine"))
		}
		about = append(about, words.Say("MTU %d", i.MTU))
		if i.Up {
			about = append(about, words.Say("up // an interface of this machine"))
		} else {
			about = append(about, words.Say("down // an interface of this machine"))
		}
		for n, a := range i.Addrs {
			host := i.Zoned(a.Addr()).String()
			places = append(places, widgets.ListenPlace{
				Host: host, Up: i.Up, Separate: n == 0,
				Label: host + "   " + strings.Join(about, ", "),
			})
		}
	}
	return places
}
