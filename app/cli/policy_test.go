package cli

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/policy"
)

const examplePolicy = `<cross-domain-policy>
  <allow-access-from domain="*.example.com" to-ports="507,5000-5010"/>
  <allow-access-from domain="192.0.2.7" to-ports="*" secure="true"/>
</cross-domain-policy>
`

// policyFile writes a policy file.
func policyFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "policy.xml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// closedAddress is one that nothing listens on.
func closedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// itoa writes a whole number that JSON was read from.
func itoa(n any) string {
	f, _ := n.(float64)
	return strconv.Itoa(int(f))
}

func TestPolicyAsksOurOwnServer(t *testing.T) {
	master := serve(t, "--json", "--policy-file", policyFile(t, examplePolicy))
	inBand := serve(t, "--json", "--echo", "--policy-file", policyFile(t, `<cross-domain-policy><allow-access-from domain="other.example" to-ports="*"/></cross-domain-policy>`))
	at := []string{"policy", inBand.address, "--master-port", portOf(t, master.address)}
	for _, x := range []struct {
		name   string
		args   []string
		status int
		says   []string
	}{
		{"without a domain", nil, 0, []string{
			"port " + portOf(t, master.address) + " (" + master.address + "): 185 bytes in ",
			"  line 2: SWFs from example.com and all names below it may reach ports 507 and 5000 to 5010\n",
			"  line 3: SWFs from 192.0.2.7 that came over HTTPS may reach every port\n",
			"  line 1: SWFs from other.example may reach every port\n",
		}},
		{"a domain that 843 lets in", []string{"--domain", "www.example.com", "--to-port", "5001"}, 0, []string{"yes: a SWF from www.example.com may reach port 5001\n  port " + portOf(t, master.address) + ", line 2: "}},
		{"a low port", []string{"--domain", "www.example.com", "--to-port", "507"}, 0, []string{"yes: "}},
		{"a domain that the port lets in", []string{"--domain", "other.example"}, 0, []string{"yes: a SWF from other.example may reach port " + portOf(t, inBand.address), "port " + portOf(t, inBand.address) + ", line 1: "}},
		{"a low port that the port cannot let in", []string{"--domain", "other.example", "--to-port", "80"}, 1, []string{"no: nothing lets a SWF from other.example reach port 80 of 127.0.0.1\n", "only a file from a port below 1024"}},
		{"an address over HTTPS", []string{"--domain", "192.0.2.7", "--https", "--to-port", "1"}, 0, []string{"yes: "}},
		{"an address over HTTP", []string{"--domain", "192.0.2.7", "--to-port", "1"}, 1, []string{"the rule is for SWFs that came over HTTPS"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			status, out, errs := wire(t, nil, append(at[:len(at):len(at)], x.args...)...)
			if status != x.status || errs != "" {
				t.Errorf("status %d, stderr %q", status, errs)
			}
			for _, want := range x.says {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not in\n%s", want, out)
				}
			}
		})
	}
}

func TestPolicyWritesJSON(t *testing.T) {
	s := serve(t, "--json", "--policy-file", policyFile(t, examplePolicy))
	refused := closedAddress(t)
	status, out, errs := wire(t, nil, "policy", s.address, "--master-port", portOf(t, refused), "--domain", "a.example.com", "--to-port", "5005", "--json")
	if status != 0 || errs != "" {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	events := lines(t, out)
	if got := names(events); got != "policyFile policyFile verdict summary" {
		t.Fatal(got)
	}
	if e := events[0]; e["usable"] != false || e["master"] != true || e["ending"] != "unanswered" || !strings.Contains(e["error"].(string), "connection refused") || e["rules"] == nil || e["problems"] == nil {
		t.Errorf("%v", e)
	}
	e := events[1]
	if e["usable"] != true || e["master"] != false || e["peer"] != s.address || e["ending"] != "zero byte" || e["text"] != examplePolicy || e["length"] != float64(len(examplePolicy)) || e["siteControl"] != "" {
		t.Errorf("%v", e)
	}
	rule := e["rules"].([]any)[0].(map[string]any)
	if rule["line"] != 2.0 || rule["domain"] != "*.example.com" || rule["toPorts"] != "507,5000-5010" || rule["secure"] != false || len(rule["ports"].([]any)) != 2 {
		t.Errorf("%v", rule)
	}
	if e := events[2]; e["granted"] != true || e["line"] != 2.0 || e["domain"] != "a.example.com" || e["toPort"] != 5005.0 || e["https"] != false || portOf(t, s.address) != itoa(e["fromPort"]) || len(e["reasons"].([]any)) != 2 {
		t.Errorf("%v", e)
	}
	answer := float64(len(examplePolicy) + 1) // and a zero byte
	if s := last(t, events); s["status"] != 0.0 || s["bytesIn"] != answer || s["bytesOut"] != float64(len(policy.Request)) || s["messagesIn"] != 1.0 || s["messagesOut"] != 1.0 {
		t.Errorf("%v", s)
	}
}

func TestPolicyReadsAFile(t *testing.T) {
	file := policyFile(t, examplePolicy)
	for _, x := range []struct {
		name   string
		args   []string
		in     string
		status int
		says   string
	}{
		{"a good one", []string{"--file", file}, "", 0, file + ", as from port 843: 185 bytes\n"},
		{"standard input", []string{"--file", "-"}, examplePolicy, 0, "-, as from port 843: 185 bytes\n"},
		{"one that lets in", []string{"--file", file, "--domain", "example.com", "--to-port", "507"}, "", 0, "yes: "},
		{"one from a high port", []string{"--file", file, "--domain", "example.com", "--to-port", "507", "--from-port", "5000"}, "", 1, "the file comes from port 5000"},
		{"one that lets nobody in", []string{"--file", "-"}, "<cross-domain-policy/>", 0, "it lets nobody reach anything"},
		{"one with a mistake", []string{"--file", "-"}, `<cross-domain-policy><allow-access-from domain="*"/></cross-domain-policy>`, 0, "problem: line 1: <allow-access-from>: there is no to-ports"},
		{"one that is no policy file", []string{"--file", "-"}, "hello\x1b[2J\n", 1, "  clients would take no notice of this file"},
		{"one that is no policy file, for a domain", []string{"--file", "-", "--domain", "a", "--to-port", "1"}, "hello\n", 1, "no: nothing lets a SWF from a reach port 1"},
		{"a site-control for another port", []string{"--file", "-", "--from-port", "5000"}, `<cross-domain-policy><site-control permitted-cross-domain-policies="none"/></cross-domain-policy>`, 0, "site-control: none, which says nothing from this port"},
	} {
		t.Run(x.name, func(t *testing.T) {
			status, out, errs := wire(t, strings.NewReader(x.in), append([]string{"policy"}, x.args...)...)
			if status != x.status || errs != "" || !strings.Contains(out, x.says) || strings.Contains(out, "\x1b") {
				t.Errorf("status %d, stderr %q, output\n%q\nwant %d and %q", status, errs, out, x.status, x.says)
			}
		})
	}
	status, out, errs := wire(t, nil, "policy", "--file", filepath.Join(t.TempDir(), "none"))
	if status != 1 || out != "" || !strings.Contains(errs, "none") {
		t.Errorf("a file that is not there: status %d, %q, %q", status, out, errs)
	}
	status, out, _ = wire(t, strings.NewReader(strings.Repeat(" ", policyFileLimit+1)), "policy", "--file", "-", "--json")
	if events := lines(t, out); status != 1 || names(events) != "ioError summary" {
		t.Errorf("a file that is too long: status %d, %s", status, out)
	}
}

func TestPolicySaysWhatIsWrongWithAnAnswer(t *testing.T) {
	address := peer(t, func(c net.Conn) {
		_, _ = bufio.NewReader(c).ReadString(0)
		_, _ = io.WriteString(c, examplePolicy)
	})
	status, out, errs := wire(t, nil, "policy", address, "--master-port", portOf(t, address))
	if status != 1 || errs != "" || !strings.Contains(out, "problem: the zero byte behind the policy file is missing") || !strings.HasSuffix(out, "  clients take no notice of this file\n") || strings.Count(out, "zero byte") != 1 {
		t.Errorf("status %d, stderr %q, output\n%s", status, errs, out)
	}
	other := peer(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-x\x1b\r\n"); _, _ = io.Copy(io.Discard, c) })
	status, out, _ = wire(t, nil, "policy", other, "--master-port", portOf(t, closedAddress(t)), "--timeout", "3s", "--domain", "a.example")
	if status != 1 || !strings.Contains(out, `something else than a policy file: "SSH-2.0-x&#x1b;`) || !strings.Contains(out, "no: nothing lets") {
		t.Errorf("status %d, output\n%s", status, out)
	}
}

func TestASignalEndsAskingForAPolicy(t *testing.T) {
	ready := make(chan struct{})
	address := peer(t, func(c net.Conn) {
		close(ready)
		_, _ = io.Copy(io.Discard, c)
	})
	status, errs := signalled(t, streams{in: strings.NewReader(""), out: io.Discard}, ready, "policy", address, "--master-port", portOf(t, address))
	if status != 1 || !strings.Contains(errs, "ended before the answer") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

func TestPolicyRefusesWhatMakesNoSense(t *testing.T) {
	for _, x := range []struct{ args, says string }{
		{"", "--file"},
		{"a b", "one HOST[:PORT], and 2"},
		{"a --file x", "leave a out"},
		{"--file x --timeout 5s", "for asking"},
		{"--file x --master-port 5", "for asking"},
		{"a --from-port 5", "--from-port is for --file"},
		{"a:1 --domain b --to-port 0", "port 0 is none"},
		{"a:1 --domain b --to-port 65536", "value out of range"},
		{"a:1 --master-port 0", "port 0 is none"},
		{"a:1 --timeout 0s", "leaves no time"},
		{"a:1 --to-port 5", "say --domain too"},
		{"a:1 --https", "say --domain too"},
		{"a --domain b", "say --to-port"},
		{"--file x --domain b", "say --to-port"},
		{"a:1 --domain *", "--domain: "},
		{"a:1 --domain http://b/", "--domain: "},
		{"a:0", "out of range"},
		{"a:x", "not a number"},
		{"[::1", "bracket"},
		{"a:1 --file=", "--file"},
		{"a:1 --domain=", "--domain"},
	} {
		status, out, errs := wire(t, nil, append([]string{"policy"}, strings.Fields(x.args)...)...)
		if status != 2 || out != "" || !strings.Contains(errs, x.says) {
			t.Errorf("policy %s: status %d, %q, %q", x.args, status, out, errs)
		}
	}
}

func TestPolicyTakesHostsOfEveryForm(t *testing.T) {
	for arg, want := range map[string]string{
		"example.com": "example.com 0", "example.com:5000": "example.com 5000", "192.0.2.1": "192.0.2.1 0", "192.0.2.1:1": "192.0.2.1 1",
		"::1": "::1 0", "[::1]": "::1 0", "[2001:db8:0::1]:5": "2001:db8::1 5", "tcp://a:5": "a 5",
	} {
		var o policyOptions
		if err := o.target(arg); err != nil || o.host+" "+itoa(float64(o.port)) != want {
			t.Errorf("%s is %s %d (%v), want %s", arg, o.host, o.port, err, want)
		}
	}
}

// lateInput has nothing to read until a signal has come, and a little longer.
type lateInput struct {
	signals context.Context
	ended   chan<- struct{}
}

func (in lateInput) Read([]byte) (int, error) {
	<-in.signals.Done()
	time.Sleep(time.Millisecond) // by itself: whoever gave it up says nothing
	close(in.ended)
	return 0, io.EOF
}

// With -race it is seen whether what was given up is still being written.
func TestAPolicyFileThatWasGivenUpIsLeftAlone(t *testing.T) {
	for range 10 {
		ctx, signal := context.WithCancel(t.Context())
		ended := make(chan struct{})
		o := policyOptions{file: "-", fromPort: policy.MasterPort}
		time.AfterFunc(time.Millisecond, signal)
		source, err := o.read(ctx, streams{in: lateInput{ctx, ended}})
		if err != nil && (source.Raw != nil || source.File != nil) {
			t.Errorf("%+v, %v", source, err)
		}
		<-ended
	}
	time.Sleep(20 * time.Millisecond) // until the last has written, if it does
}
