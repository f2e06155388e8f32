//go:build e2e && linux

package test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	policyRequest = "<policy-file-request/>\x00"
	policyFile    = `<?xml version="1.0"?>
<cross-domain-policy>
  <site-control permitted-cross-domain-policies="all"/>
  <allow-access-from domain="*.arena.example" to-ports="1024-65535"/>
</cross-domain-policy>
`
)

// TestWindowServesAndExplainsSocketPolicyFiles serves a policy file from a server tab, in band beside its protocol and
// on a port of its own, to a raw client; then the window and the command line ask for it and say what it means.
func TestWindowServesAndExplainsSocketPolicyFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.xml")
	if err := os.WriteFile(file, []byte(policyFile), 0o600); err != nil {
		t.Fatal(err)
	}
	server := func(options map[string]any) map[string]any {
		options["policyFile"], options["noDelay"] = file, true
		return map[string]any{"kind": "server", "address": "127.0.0.1:0", "server": options}
	}
	w := openWindowIn(t, homeWithTabs(t,
		server(map[string]any{"greeting": `WELCOME\n`, "echo": true}), server(map[string]any{})))
	w.key("ctrl+r")
	game := w.listens()
	w.key("ctrl+Tab")
	w.title("127.0.0.1:0")
	w.key("ctrl+r")
	master := w.listens()
	for what, port := range map[string]string{"beside the protocol": game, "on a port of its own": master} {
		asks := ncatClient(t, "127.0.0.1", port)
		asks.says(t, policyRequest)
		// The greeting waits a moment for the request, and is left out then.
		await(t, "the policy file "+what, func() bool { return strings.TrimPrefix(asks.hears(), "WELCOME\n") == policyFile+"\x00" })
		asks.Close()
		await(t, "the server to hang up on who asked", asks.gone)
	}
	plays := ncatClient(t, "127.0.0.1", game)
	plays.says(t, "MOVE 3 4\n")
	w.hear(plays, "WELCOME\nMOVE 3 4\n")
	w.key("ctrl+Tab")
	w.title("(1)")
	w.picture("policy-01-served")

	answer := w.asksPolicy(game, "www.arena.example", "policy-02-allowed")
	for _, want := range []string{"A SWF from www.arena.example may reach port " + game + ".", "Port 843, the place of the master policy file",
		"Port " + game + ": answered, with the zero byte at its end.", `domain="*.arena.example" to-ports="1024-65535"`} {
		if !strings.Contains(answer, want) {
			t.Errorf("%q is not in the answer:\n%s", want, answer)
		}
	}
	answer = w.asksPolicy(game, "www.example.org", "policy-03-refused")
	if want := "Nothing lets a SWF from www.example.org reach port " + game; !strings.HasPrefix(answer, want) {
		t.Errorf("%q is not at the begin of the answer:\n%s", want, answer)
	}

	address := net.JoinHostPort("127.0.0.1", game)
	got := command(t, "policy", address, "--master-port", master, "--domain", "www.arena.example", "--json")
	var files []string
	verdict := false
	for line := range strings.Lines(got.stdout) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("a line of --json is no JSON: %v: %s", err, line)
		}
		switch e["event"] {
		case "policyFile":
			files = append(files, fmt.Sprint(e["port"], " ", e["master"], " ", e["ending"], " ", e["usable"]))
		case "verdict":
			verdict = e["granted"] == true
		}
	}
	if got.status != 0 || !verdict || !slices.Equal(files, []string{master + " true zero byte true"}) {
		t.Errorf("status %d, verdict %v, files %q: %s%s", got.status, verdict, files, got.stdout, got.stderr)
	}
	if got = command(t, "policy", address, "--master-port", master, "--domain", "www.example.org"); got.status != 1 ||
		!strings.Contains(got.stdout, "nothing lets a SWF from www.example.org reach port "+game) || strings.Count(got.stdout, fmt.Sprintf("%d bytes", len(policyFile))) != 2 {
		t.Errorf("status %d, %s%s", got.status, got.stdout, got.stderr)
	}
}

// asksPolicy asks a port of this host for its policy file in the window's panel, and copies the answer.
func (w *window) asksPolicy(port, domain, picture string) (answer string) {
	w.Helper()
	answer = w.ruling(port, domain)
	w.picture(picture)
	w.key("Escape")
	return answer
}

// ruling asks for it, and leaves the panel open.
func (w *window) ruling(port, domain string) (answer string) {
	w.Helper()
	w.action("Socket policy files of a host")
	w.typeText("127.0.0.1:" + port)
	w.key("Tab")
	w.typeText(domain)
	w.key("Return", "Tab", "Tab", "Tab", "Tab") // by the wanted port, HTTPS and asking to copying
	w.until("the ruling", func() bool {
		answer = w.copiedBy(func() { w.key("space") })
		return !strings.HasPrefix(answer, "Asking")
	})
	return answer
}
