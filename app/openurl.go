package app

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"wirebench/sessions"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// openURL opens a tab for what stood on the command line and starts it.
func (w *workbench) openURL(u string) {
	if t := w.openAddress(u); t != nil {
		t.startTyped()
	}
}

// openAddress opens a tab for a URL, or says what is wrong with it.
func (w *workbench) openAddress(u string) deskTab {
	scheme, _, _ := strings.Cut(u, "://")
	if strings.EqualFold(scheme, "udp") {
		return w.openUDP(u)
	}
	host, port, err := "", uint16(0), error(nil)
	kind := sessions.TCP
	switch {
	case strings.EqualFold(scheme, "server"):
		kind = sessions.Server
		host, port, err = sessions.ParseListen(u)
	case strings.EqualFold(scheme, "tls"):
		kind = sessions.TLS
		fallthrough
	default:
		host, port, err = sessions.ParseTargetOf(kind, u)
	}
	if err != nil {
		w.refuseURL(u, err)
		return nil
	}
	s := savedTab{Kind: kind.String(), Address: net.JoinHostPort(host, strconv.Itoa(int(port)))}
	if kind == sessions.Server {
		if t := w.newServer(s); t != nil {
			return t
		}
		return nil
	}
	if t := w.newClient(s); t != nil {
		return t
	}
	return nil
}

// openUDP opens a tab for a datagram socket.
func (w *workbench) openUDP(u string) deskTab {
	address, target, err := parseUDPURL(u)
	if err != nil {
		w.refuseURL(u, err)
		return nil
	}
	o := w.newUDPOptions()
	o.Target = target
	if t := w.newUDP(savedTab{Address: address, UDP: o}); t != nil {
		return t
	}
	return nil
}

func (w *workbench) refuseURL(u string, err error) {
	w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(fmt.Errorf("%s: %w", words.Say("open %s", u), err))})
}
