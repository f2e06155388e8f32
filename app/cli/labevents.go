package cli

import (
	"fmt"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/jsonl"
	"wirebench/sessions/lab"
	"wirebench/sessions/messages"
)

// The events of the lab. Field names are a contract.
type (
	// labListening is a practice server, and how a client for it is set up.
	labListening struct {
		jsonl.Listening
		Name              string       `json:"name"`
		Kind              string       `json:"kind"` // tcp, tls or udp
		URL               string       `json:"url"`
		Title             string       `json:"title"`
		Look              [2]string    `json:"look"`
		CertificateStatus string       `json:"certificateStatus,omitempty"` // of TLS
		Faults            []string     `json:"faults,omitempty"`            // of TLS, by code
		Framing           string       `json:"framing,omitempty"`
		Telnet            bool         `json:"telnet,omitempty"`
		ServerName        string       `json:"serverName,omitempty"`
		CAFile            string       `json:"caFile,omitempty"`
		CertFile          string       `json:"certFile,omitempty"` // of a client
		KeyFile           string       `json:"keyFile,omitempty"`
		Messages          []labMessage `json:"messages"`
		Help              string       `json:"help,omitempty"`
	}
	// labMessage is something to send.
	labMessage struct {
		Name   string `json:"name"`
		Mode   string `json:"mode"` // text, hex or fields
		Body   string `json:"message"`
		Ending string `json:"ending,omitempty"`
	}
	labConnect struct {
		jsonl.Connect
		Name string `json:"name"`
	}
	labClose struct {
		jsonl.Close
		Name string `json:"name"`
	}
	labState struct {
		jsonl.State
		Name string `json:"name"`
	}
	// labDatagrams is what the datagram echo did.
	labDatagrams struct {
		jsonl.Head
		Name       string `json:"name"`
		Received   int64  `json:"received"`
		Sent       int64  `json:"sent"`
		Lost       int64  `json:"lost"`
		Duplicated int64  `json:"duplicated"`
		Reordered  int64  `json:"reordered"`
		Overflowed int64  `json:"overflowed"`
		Failed     int64  `json:"failed"`
	}
)

// maxEarly bounds the events that are kept until the servers are listed.
const maxEarly = 1000

// labRun reports on the lab.
type labRun struct {
	report *reporter

	mu     sync.Mutex
	listed bool
	early  []lab.Event // clients may be there before the servers are listed
}

// tell hears what happens.
func (r *labRun) tell(e lab.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listed {
		r.report.lab(e)
	} else if len(r.early) < maxEarly {
		r.early = append(r.early, e)
	}
}

// listening lists the servers, in full or as a table.
func (r *labRun) listening(all []lab.Entry, full bool) {
	r.print(all, full, time.Now())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listed = true
	for _, e := range r.early {
		r.report.lab(e)
	}
	r.early = nil
}

// catalogue lists the servers that there are.
func (r *labRun) catalogue(names []string) {
	var all []lab.Entry
	for _, e := range lab.Catalogue() {
		wanted := len(names) == 0
		for _, name := range names {
			wanted = wanted || strings.EqualFold(name, e.ID)
		}
		if wanted {
			all = append(all, e)
		}
	}
	r.print(all, len(names) > 0, time.Now())
}

func (r *labRun) print(all []lab.Entry, full bool, at time.Time) {
	r.report.mu.Lock()
	defer r.report.mu.Unlock()
	if r.report.json {
		for _, e := range all {
			r.report.emit(labEvent(e, at), at, "")
		}
		return
	}
	var b strings.Builder
	root := ""
	t := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, e := range all {
		address := e.Address
		if address == "" {
			address = e.Kind.String()
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", e.ID, address, e.Title)
		if e.TLS != nil && len(e.TLS.CAFiles) > 0 {
			root = e.TLS.CAFiles[0]
		}
		if full {
			t.Flush()
			b.WriteString(inFull(e))
		}
	}
	t.Flush()
	if root != "" {
		fmt.Fprintf(&b, "\nThe practice authority's root is %s\n", root)
	}
	r.report.out.put([]byte(plain(b.String())))
}

// inFull is what there is to say of an entry beside its first line.
func inFull(e lab.Entry) string {
	var b strings.Builder
	b.WriteString("\n  " + e.Look[0] + "\n  " + e.Look[1] + "\n")
	if e.Expect != "" {
		fmt.Fprintf(&b, "\n  certificate %s", e.Expect)
		for i, code := range e.Faults {
			if i == 0 {
				b.WriteString(": ")
			} else {
				b.WriteString(", ")
			}
			b.WriteString(string(code))
		}
		b.WriteString("\n")
	}
	if command := labCommandLine(e); command != "" {
		b.WriteString("\n  " + command + "\n")
	}
	if e.Help != "" {
		b.WriteString("\n  " + strings.ReplaceAll(strings.TrimSpace(e.Help), "\n", "\n  ") + "\n")
	}
	b.WriteString("\n")
	return strings.ReplaceAll(b.String(), "\n  \n", "\n\n")
}

// labCommandLine is how the command line talks with a server; "" of one that is not started.
func labCommandLine(e lab.Entry) string {
	if e.Address == "" {
		return ""
	}
	args := []string{"wirebench", e.Kind.String()}
	if e.Kind == sessions.UDP {
		args = append(args, ":0", "--to")
	}
	args = append(args, e.Address)
	if c := e.TLS; c != nil {
		args = append(args, "--servername", c.ServerName, "--trust", "mine", "--ca", quoted(c.CAFiles[0]))
		if c.CertFile != "" {
			args = append(args, "--cert", quoted(c.CertFile), "--key", quoted(c.KeyFile))
		}
		for _, x := range []struct {
			flag string
			on   bool
		}{{"--ocsp", c.LookOCSP}, {"--crl-fetch", c.LookCRL}, {"--legacy", c.Legacy}} {
			if x.on {
				args = append(args, x.flag)
			}
		}
	}
	if e.Framing != "" {
		args = append(args, "--framing", e.Framing)
	}
	if len(e.Messages) > 0 {
		m := e.Messages[0]
		flag := map[messages.Mode]string{messages.Hex: "--send-hex", messages.Fields: "--send-fields"}[m.Mode]
		if flag == "" {
			flag = "--send"
			if e.Framing != "xml" { // that puts the zero byte there itself
				m.Body += endingText(m)
			}
		}
		args = append(args, flag, quoted(strings.ReplaceAll(m.Body, "\n", ", ")))
	}
	return strings.Join(args, " ")
}

// endingText is a message's ending as an escape.
func endingText(m messages.Message) string {
	return strings.NewReplacer("\r", `\r`, "\n", `\n`, "\x00", `\0`).Replace(m.Ending.Bytes())
}

// quoted is an argument for a POSIX shell.
func quoted(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func labEvent(e lab.Entry, at time.Time) labListening {
	l := labListening{Listening: jsonl.Listening{Head: jsonl.At(at, sessions.EventListening), Local: e.Address},
		Name: e.ID, Kind: e.Kind.String(), URL: e.URL(), Title: e.Title, Look: e.Look, CertificateStatus: string(e.Expect),
		Framing: e.Framing, Telnet: e.Telnet, Help: e.Help, Messages: []labMessage{}}
	if e.Address == "" {
		l.Event = "entry" // nothing listens
	}
	for _, code := range e.Faults {
		l.Faults = append(l.Faults, string(code))
	}
	for _, m := range e.Messages {
		made := labMessage{Name: m.Name, Mode: string(m.Mode), Body: m.Body}
		if m.Ending.Bytes() != "" {
			made.Ending = m.Ending.String()
		}
		l.Messages = append(l.Messages, made)
	}
	if c := e.TLS; c != nil && e.Address != "" {
		l.ServerName, l.CAFile, l.CertFile, l.KeyFile = c.ServerName, c.CAFiles[0], c.CertFile, c.KeyFile
	}
	return l
}

// lab reports on what happened at a practice server.
func (r *reporter) lab(e lab.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	head, who := jsonl.At(e.Time, e.Name), e.ID
	if e.Client != 0 {
		who = fmt.Sprintf("%s: client %d", e.ID, e.Client)
	}
	switch e.Name {
	case sessions.EventConnect:
		r.emit(labConnect{jsonl.Connect{Head: head, Client: e.Client, Remote: text(e.Peer)}, e.ID}, e.Time, "%s connected from %s", who, e.Peer)
	case sessions.EventClose:
		r.emit(labClose{jsonl.Close{Head: head, Client: e.Client, By: e.By, Peer: text(e.Peer), Note: e.Text}, e.ID}, e.Time, "%s closed by %s: %s", who, closedBy(e.By), e.Text)
	default:
		r.emit(labState{jsonl.State{Head: head, Client: e.Client, Peer: text(e.Peer), Text: e.Text}, e.ID}, e.Time, "%s: %s", who, plain(e.Text))
	}
}

// counted takes down what the servers counted, when they have ended.
func (r *labRun) counted(l *lab.Lab) {
	r.report.mu.Lock()
	defer r.report.mu.Unlock()
	for _, e := range l.Entries() {
		n, _ := l.Counts(e.ID)
		r.report.in += n.BytesIn
		r.report.outB += n.BytesOut
		if e.Kind != sessions.UDP {
			continue
		}
		_, u := l.UDP()
		if u.Received == 0 {
			continue
		}
		at := time.Now()
		r.report.emit(labDatagrams{jsonl.At(at, "datagrams"), e.ID, u.Received, u.Sent, u.Lost, u.Duplicated, u.Reordered, u.Overflowed, u.Failed}, at,
			"%s: %s received, %d sent, %d lost, %d doubled, %d reordered, %d more than may wait, %d refused by the system", e.ID,
			counted(u.Received, "datagram"), u.Sent, u.Lost, u.Duplicated, u.Reordered, u.Overflowed, u.Failed)
	}
}
