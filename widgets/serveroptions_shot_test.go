package widgets

import (
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/reply"
)

func TestTheServerOptionsLookRight(t *testing.T) {
	v := ServerValues{
		Replies: reply.Config{Greeting: "Connected.", Echo: true, Prefix: "Echo -- ", Rules: []reply.Rule{
			{Match: reply.Exact, Pattern: "ping", Reply: `pong\n`},
			{Match: reply.Regexp, Pattern: `^GET (\S+)`, Reply: `HTTP/1.0 404 Not Found\r\n\r\n`, Delay: 500 * time.Millisecond},
			{Match: reply.Prefix, Pattern: "QUIT", Reply: `bye\r\n`, Off: true},
		}},
		TLS: true, OwnCertificate: true, CertFile: "/etc/ssl/server.pem", ClientAuth: 2, MaxVersion: 3, NoDelay: true, KeepAlive: 15 * time.Second,
		IdleTimeout: 10 * time.Minute, PolicyFile: "/srv/policy.xml",
	}
	o := newServerOptionsUnderTest(v)
	o.OnCheckPolicy = func(string) error { return errors.New("the root element is <policy>, not <cross-domain-policy>") }
	w := stage(t, container.NewBorder(container.NewVBox(NewListenBar(), o), nil, nil, nil, widget.NewLabel("traffic")), fyne.NewSize(1000, 420))
	for _, width := range []float32{1000, 700} {
		w.Resize(fyne.NewSize(width, 420))
		name := map[float32]string{1000: "wide", 700: "narrow"}[width]
		for _, page := range o.pages.Items {
			o.pages.Select(page)
			looks(t, w, "server-"+page.Text+"-"+name)
		}
	}
	w.Resize(fyne.NewSize(1000, 460))
	o.maxQueue.entry.SetText("lots")
	o.rules.rows[1].delay.entry.SetText("soon")
	for range 4 {
		o.rules.insert()
	}
	o.rules.scroll.ScrollToTop()
	o.Values()
	o.ShowPage("Replies")
	looks(t, w, "server-bad-replies")
	o.ShowPage("Limits")
	looks(t, w, "server-bad-limits")
	o.ShowPage("Policy file")
	looks(t, w, "server-bad-policy")
	v.OwnCertificate, v.ClientAuth, v.Replies = false, 0, reply.Config{}
	o.SetValues(v)
	o.ShowPage("TLS")
	looks(t, w, "server-ca")
	o.ShowPage("Replies")
	looks(t, w, "server-silent")
}
