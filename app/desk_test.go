package app

import (
	"net"
	"slices"
	"testing"

	"wirebench/sessions"
)

func TestAPracticeTabThatIsPointedElsewhereIsOneLikeAnyOther(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	client := practised(t, w, "echo").(*clientTab)
	socket := practised(t, w, "udp").(*udpTab)
	until(t, w, "both to be open", func() bool {
		return client.info.State == sessions.Open && socket.info.State == sessions.Open
	})
	w.strip.choose(client)
	client.disconnect()
	until(t, w, "closed", func() bool { return client.info.State == sessions.Closed })
	client.startTyped() // where it is
	until(t, w, "connected again", func() bool { return client.info.State == sessions.Open })
	if client.practice == nil || !client.practising() || len(w.space.Recent) > 0 {
		t.Fatal("a practice tab that is connected again is none any more")
	}
	client.disconnect()
	until(t, w, "closed", func() bool { return client.info.State == sessions.Closed })
	elsewhere := echo(t)
	client.address.SetText(elsewhere)
	client.startTyped()
	until(t, w, "connected elsewhere", func() bool { return client.info.State == sessions.Open })
	if client.title() != "TCP "+elsewhere || client.practising() {
		t.Errorf("it is called %q, and shows its card: %v", client.title(), client.practising())
	}
	if got := keptTabs(t, w); !slices.Equal(got, []string{"tcp " + elsewhere}) || !slices.Contains(w.space.Recent, "tcp://"+elsewhere) || !slices.Contains(w.space.Addresses, elsewhere) {
		t.Errorf("kept are %q, remembered %q and %q", got, w.space.Recent, w.space.Addresses)
	}

	w.strip.choose(socket)
	if socket.practice == nil {
		t.Fatal("a practice tab is none from the beginning")
	}
	there, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	socket.bar.SetTarget(there.LocalAddr().String())
	socket.retarget()
	until(t, w, "the target", func() bool { return slices.Contains(w.space.Targets, there.LocalAddr().String()) })
	if socket.practice != nil || socket.practising() || len(keptTabs(t, w)) != 2 {
		t.Errorf("it is called %q, and shows its card: %v", socket.title(), socket.practising())
	}
}
