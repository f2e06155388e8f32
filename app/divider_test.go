package app

import "testing"

func TestADividerThatWasMovedInOneTabIsRememberedWhateverTheOthersShow(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	first, second := w.newTCP(""), w.newTCP("")
	server, other := w.newServer(savedTab{}), w.newServer(savedTab{})
	socket, last := w.newUDP(savedTab{}), w.newUDP(savedTab{})
	first.traffic.bytesSplit.SetOffset(0.3)
	first.traffic.inspectorSplit.SetOffset(0.4)
	first.traffic.composerSplit.SetOffset(0.6)
	first.telnet.split.SetOffset(0.7)
	server.split.SetOffset(0.2)
	socket.split.SetOffset(0.35)
	w.strip.choose(second)
	w.saveNow()
	kept := func() viewChoice {
		t.Helper()
		s, err := loadWorkspace(w.spacePath)
		if err != nil {
			t.Fatal(err)
		}
		return s.View
	}
	v := kept()
	if v.SplitList != 0.3 || v.SplitInspector != 0.4 || v.SplitComposer != 0.6 || v.SplitTerminal != 0.7 || v.SplitClients != 0.2 || v.SplitPeers != 0.35 {
		t.Errorf("kept is %+v", v)
	}
	if next := w.newTCP(""); next.traffic.bytesSplit.Offset != 0.3 {
		t.Errorf("the next tab begins with %v", next.traffic.bytesSplit.Offset)
	}
	second.traffic.bytesSplit.SetOffset(0.8)
	other.split.SetOffset(0.9)
	w.saveNow()
	last.traffic.bytesSplit.SetOffset(0.25)
	w.closeTab(last)
	w.settle()
	w.spaceFile.wait()
	if v := kept(); v.SplitList != 0.25 || v.SplitClients != 0.9 || v.SplitPeers != 0.35 {
		t.Errorf("after others were moved, kept is %+v", v)
	}
}
