package messages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/fields"
)

// shown writes what was imported, one message or note a line.
func shown(im Imported) string {
	var b strings.Builder
	for _, m := range im.Messages {
		fmt.Fprintf(&b, "%s|%s|%s|%s\n", m.Name, m.Mode, m.Body, m.Target)
	}
	for _, n := range im.Notes {
		fmt.Fprintf(&b, "%s|%v|%s\n", n.Packet, n.Skipped, n.Problem)
	}
	return b.String()
}

// The files are what Packet Sender 8.1.1 (Qt 5.15) wrote when these packets
// were typed into its window.
func TestPacketsOfTheProgramItselfAreImported(t *testing.T) {
	tests := []struct{ file, want string }{
		{"packets.ini", `plain text|text|Hello\r\n|tcp://127.0.0.1:7777
00 ff 80|text|Hello\r\n|udp://[::1]:9
a/b c\d|hex|de ad be ef|tls://localhost:443
comma, semi; quote" eq= hash#|hex|00|tcp://10.0.0.1:1
General|hex|01|tcp://10.0.0.1:80
names|hex|02|tcp://10.0.0.1:80
@at %41|text|1|tcp://10.0.0.1:80
percent%20|text|{{TIME}}|udp://10.0.0.1:80
plain text|false|Packet Sender sends it again every 2.5 s, and this is not taken over
comma, semi; quote" eq= hash#|false|its hex is not all pairs of digits: 0 is read as 1 byte, 00
@at %41|false|Packet Sender sends it again every 0.1 s, and this is not taken over
percent%20|false|Packet Sender fills in {{TIME}}, and here it is sent as it stands
`},
		{"packets-unicode.ini", `héllo wörld|hex|00 ff 80|udp://[::1]:9
你好 𝄞x|hex|00 ff 80 01|udp://[::1]:9
é1|hex|00|tcp://10.0.0.1:1
31|text|[|
你好 𝄞x|false|its hex is not all pairs of digits: 00 ff 80 1 is read as 4 bytes, 00 ff 80 01
é1|false|its hex is not all pairs of digits: 0 is read as 1 byte, 00
[sect]|true|it is an HTTP request (HTTP Get ), which Packet Sender has a library write: write it as text, in a tab of TCP or TLS
31|false|it has no target: its address is empty
`},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			im, err := ImportPacketSender(b)
			if got := shown(im); err != nil || got != tt.want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, tt.want)
			}
			c := &Collection{Name: "c", Messages: im.Messages}
			if _, err := encode(c); err != nil {
				t.Errorf("it cannot be kept: %v", err)
			}
		})
	}
}

func TestPacketsInJSONAreImported(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"none", "[]", ""},
		{"one, as it is exported", `[{"asciistring": "aGVsbG9ccg==", "errorstring": "", "fromip": "", "fromport": "8041183", "hexstring": "68 65 6c 6c 6f 0d ",
			"name": "hello", "port": "5000", "repeat": 0, "requestpath": "", "sendresponse": "0", "tcporudp": "UDP", "toip": "224.0.0.51"}]`,
			"hello|text|hello\\r|udp://224.0.0.51:5000\n"},
		{"numbers and texts, as an older one has them", `[{"name": "a", "hexstring": "00", "port": 7, "repeat": "1.5", "tcporudp": "ssl", "toip": "::1"}]`,
			"a|hex|00|tls://[::1]:7\na|false|Packet Sender sends it again every 1.5 s, and this is not taken over\n"},
		{"no delay, written in other ways", `[{"name": "a", "repeat": "0.0", "port": 7, "tcporudp": "TCP", "toip": "h"}, {"name": "b", "repeat": null, "port": 7, "tcporudp": "TCP", "toip": "h"}]`,
			"a|text||tcp://h:7\nb|text||tcp://h:7\n"},
		{"UTF-8", `[{"name": "a", "hexstring": "c3a9", "port": "1", "tcporudp": "TCP", "toip": "h"}]`, "a|text|é|tcp://h:1\n"},
		{"what is not text", `[{"name": "a", "hexstring": "41 07", "port": "1", "tcporudp": "TCP", "toip": "h"}, {"name": "b", "hexstring": "e2 80 ae", "port": "1", "tcporudp": "TCP", "toip": "h"}]`,
			"a|hex|41 07|tcp://h:1\nb|hex|e2 80 ae|tcp://h:1\n"},
		{"a backslash", `[{"name": "a", "hexstring": "5c 6e", "port": "1", "tcporudp": "TCP", "toip": "h"}]`, "a|text|\\\\n|tcp://h:1\n"},
		{"kinds that there are not here", `[{"name": "a", "tcporudp": "HTTPS Post", "requestpath": "/x"}, {"name": "b", "tcporudp": "DTLS", "toip": "h", "port": "1", "hexstring": "31"}, {"name": "c", "toip": "h", "port": "1"}]`,
			"b|text|1|\nc|text||\n" +
				"a|true|it is an HTTP request (HTTPS Post /x), which Packet Sender has a library write: write it as text, in a tab of TCP or TLS\n" +
				"b|false|it has no target: it was for \"DTLS\", and there are TCP, TLS (SSL there) and UDP here\n" +
				"c|false|it has no target: it was for \"\", and there are TCP, TLS (SSL there) and UDP here\n"},
		{"addresses and ports that are none", `[{"name": "a", "tcporudp": "TCP", "toip": "h/x", "port": "1"}, {"name": "b", "tcporudp": "TCP", "toip": "h", "port": "0"}, {"name": "c", "tcporudp": "TCP", "toip": " h ", "port": "65536"}]`,
			"a|text||\nb|text||\nc|text||\n" +
				"a|false|it has no target: \"h/x\" is no address\nb|false|it has no target: \"0\" is no port from 1 to 65535\nc|false|it has no target: \"65536\" is no port from 1 to 65535\n"},
		{"names that cannot be kept", `[{"name": " a\tb\u202e ", "tcporudp": "TCP", "toip": "h", "port": "1"}, {"tcporudp": "TCP", "toip": "h", "port": "1"}]`,
			"a b|text||tcp://h:1\npacket 2|text||tcp://h:1\na b|false|its name was \" a␉b\\u202e \"\npacket 2|false|its name was \"\"\n"},
		{"what is no packet between others", `[1, {"name": "a", "tcporudp": "TCP", "toip": "h", "port": "1"}, null, {"name": ["x"]}]`,
			"a|text||tcp://h:1\n" +
				"packet 1|true|it is not an object with texts and numbers, as Packet Sender exports it\n" +
				"packet 3|true|it is not an object with texts and numbers, as Packet Sender exports it\n" +
				"packet 4|true|it is not an object with texts and numbers, as Packet Sender exports it\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, mark := range []string{"", "\ufeff"} {
				im, err := ImportPacketSender([]byte(mark + tt.in))
				if got := shown(im); err != nil || got != tt.want {
					t.Errorf("%v\n%s\nwant\n%s", err, got, tt.want)
				}
			}
		})
	}
}

func TestValuesOfSettingsAreRead(t *testing.T) {
	tests := []struct{ name, in, key, want string }{
		{"plain", "[s]\nk=v", "s/k", "v"},
		{"blanks round it", "[ s ]\n k \t=  a b \r\n", "s/k", "a b"},
		{"blanks within quotes", `[s]` + "\n" + `k="  a  "  `, "s/k", "  a  "},
		{"escapes", `[s]` + "\n" + `k=\a\b\f\n\r\t\v\"\?\'\\`, "s/k", "\a\b\f\n\r\t\v\"?'\\"},
		{"hexadecimal of any length", `[s]` + "\n" + `k=\x41\x20ac\xd834\xdd1e!`, "s/k", "A€𝄞!"},
		{"hexadecimal that is none", `[s]` + "\n" + `k=\xg`, "s/k", "xg"},
		{"octal", `[s]` + "\n" + `k=\0\101\1018`, "s/k", "\x00AA8"},
		{"an unknown escape", `[s]` + "\n" + `k=\q`, "s/k", "q"},
		{"a line that goes on", "[s]\nk=a\\\nb\\\r\nc\nl=d", "s/k", "abc"},
		{"quotes over lines", "[s]\nk=\"a\nb\"\nl=d", "s/k", "a\nb"},
		{"Latin-1 as Qt 5 could read it", "[s]\nk=\xe9", "s/k", "é"},
		{"UTF-8 as Qt 6 writes it", "[s]\nk=é", "s/k", "é"},
		{"escaped keys", "[a%20b%U4F60]\nc%5C\\d=v", "a b你/c\\/d", "v"},
		{"percent signs that escape nothing", "[a%2]\n%zz=v", "a%2/%zz", "v"},
		{"no section, and the general one", "k=v\n[General]\nl=w", "l", "w"},
		{"a section called General", "[%General]\nk=v", "General/k", "v"},
		{"comments", "; c\n# d\n[s]\n;k=v\nk=w;x", "s/k", "w;x"},
		{"a comment with a quote", "; \"\n[s]\nk=v", "s/k", "v"},
		{"slashes as they are kept", "[a]\n\\\\b\\=v", "a/b", "v"},
		{"nothing", "[s]\nk=", "s/k", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := readSettings([]byte(tt.in))
			if got, there := s[tt.key]; err != nil || !there || got != tt.want {
				t.Errorf("%q, %v; want %q = %q", s, err, tt.key, tt.want)
			}
		})
	}
}

func TestTheDelayOfAPacketIsRead(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2.5", "2.5"},
		{"@Variant(\x00\x00\x00\u0087@ \x00\x00)", "2.5"},
		{"@Variant(\x00\x00\x00\u0087\x00\x00\x00\x00)", "0"},
		{"@Variant(\x00\x00\x00\u0087?ø\x00\x00\x00\x00\x00\x00)", "1.5"},
		{"@Variant(\x00\x00\x00\x02\x00\x00\x00\x01)", unknownRepeat},
		{"@Variant()", unknownRepeat},
		{"@@x", "@x"},
	}
	for _, tt := range tests {
		if got := repeatOf(tt.in); got != tt.want {
			t.Errorf("%q: %s; want %s", tt.in, got, tt.want)
		}
	}
}

func TestPacketsOfAFileMadeByHandAreImported(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"listed in the order of their numbers", "[NAMES]\n10\\name=b\n9\\name=a\nsize=2\n[a]\nname=a\ntcpOrUdp=TCP\ntoIP=h\nport=1\n[b]\nname=b\ntcpOrUdp=TCP\ntoIP=h\nport=2", "a|text||tcp://h:1\nb|text||tcp://h:2\n"},
		{"listed and not there", "[NAMES]\n1\\name=a\nsize=1", "a|true|it is listed, and the file has nothing else of it\n"},
		{"a delay that cannot be read", "[NAMES]\n1\\name=a\n[a]\nname=a\ntcpOrUdp=TCP\ntoIP=h\nport=1\nrepeat=@Variant(x)", "a|text||tcp://h:1\na|false|how often Packet Sender sends it again could not be read, and is not taken over\n"},
		{"listed twice", "[NAMES]\n1\\name=a\n2\\name=a\nsize=2\n[a]\nname=a\ntcpOrUdp=TCP\ntoIP=h\nport=1", "a|text||tcp://h:1\na|true|it is listed more than once\n"},
		{"a size that says more", "[NAMES]\n1\\name=a\nsize=4000000000\n[a]\nname=a\ntcpOrUdp=TCP\ntoIP=h\nport=1", "a|text||tcp://h:1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			im, err := ImportPacketSender([]byte(tt.in))
			if got := shown(im); err != nil || got != tt.want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, tt.want)
			}
		})
	}
}

func TestWhatIsNoExportIsPointedAt(t *testing.T) {
	tests := []struct {
		name, in string
		line     int
		says     string
	}{
		{"nothing", "", 1, "neither"},
		{"some other INI file", "[a]\nb=c", 1, "neither"},
		{"some text", "[NAMES]\n1\\name=a\nhello", 3, "neither a [section] nor key=value"},
		{"a section that is not closed", "\n[NAMES", 2, "closing bracket"},
		{"broken JSON", "[\n{\"name\": }]", 2, "not JSON"},
		{"JSON cut off", "[", 1, "not JSON"},
		{"some other JSON", "{\"a\": 1}", 1, "no list of packets"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			im, err := ImportPacketSender([]byte(tt.in))
			var bad *FileError
			if !errors.As(err, &bad) || bad.Line != tt.line || !strings.Contains(bad.Problem, tt.says) {
				t.Errorf("%+v, %v; want line %d: %s", im, err, tt.line, tt.says)
			}
		})
	}
	if _, err := ImportPacketSender(make([]byte, MaxFile+1)); err == nil || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("a huge file: %v", err)
	}
	list := strings.Repeat(`{"name": "a", "tcporudp": "TCP", "toip": "h", "port": "1"},`, maxPackets+1)
	im, err := ImportPacketSender([]byte("[" + list[:len(list)-1] + "]"))
	if err != nil || len(im.Messages) != maxPackets || len(im.Notes) != 1 || !strings.Contains(im.Notes[0].Problem, "10000") {
		t.Errorf("one packet more than can be kept: %d, %+v, %v", len(im.Messages), im.Notes, err)
	}
}

// hexes are packets in hex, as a file can have them, with the bytes that Packet
// Sender sends; it sends fewer where strange words are cut off.
var hexes = []struct {
	in, want string
	strange  bool
	cut      bool // Packet Sender leaves out a part
}{
	{in: "48 65 6c 6c 6f", want: "Hello"},
	{in: "48656c6c6f", want: "Hello"},
	{in: " 41 42 ", want: "AB"},
	{in: "de:ad:be:ef", want: "\xde\xad\xbe\xef"},
	{in: "0x41, 0x42", want: "AB"},
	{in: "00 ff 80 1", want: "\x00\xff\x80\x01", strange: true},
	{in: "0", want: "\x00", strange: true},
	{in: "abc", want: "\x0a\xbc", strange: true},
	{in: "ab cd e", want: "\xab\xcd\x0e", strange: true},
	{in: "1 2 3", want: "\x01\x02\x03", strange: true},
	{in: "0x01, 0x02 zz 3", want: "\x01\x02\x03", strange: true},
	{in: "4g 41", want: "\x04A", strange: true},
	{in: "xx", want: ""},
	{in: "", want: ""},
	{in: "dead beef", want: "\xde\xad\xbe\xef", strange: true, cut: true},
	{in: "41 424 43", want: "A\x04\x24C", strange: true, cut: true},
}

func TestHexIsReadAsPacketSenderReadsIt(t *testing.T) {
	for _, tt := range hexes {
		if got, strange := packetBytes(tt.in); string(got) != tt.want || strange != tt.strange {
			t.Errorf("%q: % x, strange %v; want % x, %v", tt.in, got, strange, tt.want, tt.strange)
		}
	}
}

// TestPacketSenderSendsWhatIsImported lets the program itself send the packets
// of a file.
func TestPacketSenderSendsWhatIsImported(t *testing.T) {
	program, err := exec.LookPath("packetsender")
	if err != nil {
		t.Skip("packetsender is not installed")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	var list, sections strings.Builder
	for i, h := range hexes {
		fmt.Fprintf(&list, "%d\\name=p \\xe9\\x%02x\n", i+1, 'a'+i)
		fmt.Fprintf(&sections, "\n[p%%20%%E9%c]\nname=p \\xe9\\x%02x\nhexString=\"%s\"\ntcpOrUdp=TCP\ntoIP=127.0.0.1\nport=%s\nrepeat=0\n", 'a'+i, 'a'+i, h.in, port)
	}
	file := fmt.Sprintf("[NAMES]\n%ssize=%d\n%s", list.String(), len(hexes), sections.String())
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "packets.ini"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	im, err := ImportPacketSender([]byte(file))
	if err != nil || len(im.Messages) != len(hexes) {
		t.Fatalf("%v: %s", err, shown(im))
	}
	for i, m := range im.Messages {
		if hexes[i].cut {
			continue
		}
		want, err := m.Bytes(fields.Builder{})
		if err != nil {
			t.Fatal(err)
		}
		if _, address := m.Peer(); address != l.Addr().String() {
			t.Errorf("%s is for %s", m.Name, m.Target)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		cmd := exec.CommandContext(ctx, program, "-n", m.Name)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_RUNTIME_DIR="+folder, "QT_QPA_PLATFORM=offscreen", "LC_ALL=C.UTF-8")
		_ = l.(*net.TCPListener).SetDeadline(time.Now().Add(20 * time.Second))
		received := make(chan string, 1)
		go func() {
			conn, err := l.Accept()
			if err != nil {
				received <- err.Error()
				return
			}
			defer conn.Close()
			_ = conn.SetReadDeadline(time.Now().Add(15 * time.Second))
			b, err := io.ReadAll(conn)
			if err != nil {
				received <- err.Error()
				return
			}
			received <- string(b)
		}()
		out, err := cmd.CombinedOutput()
		cancel()
		// Its exit status is how many bytes it sent.
		if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || !exit.Exited()) {
			l.Close()
			t.Fatalf("%s: %v\n%s", m.Name, err, out)
		}
		if got := <-received; got != string(want) {
			t.Errorf("%q: Packet Sender sends % x, and imported it is % x", hexes[i].in, got, want)
		}
	}
}

func FuzzImportPacketSender(f *testing.F) {
	for _, name := range []string{"packets.ini", "packets-unicode.ini"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`[{"name": "a", "hexstring": "41 4", "port": 7, "repeat": "1.5", "tcporudp": "ssl", "toip": "::1"}, {"tcporudp": "HTTP Get"}]`))
	f.Add([]byte("[NAMES]\n1\\name=a\n[a]\nname=\"a\\\nb\"\nhexString=\\x41\\0\nrepeat=@Variant(\\0)"))
	f.Fuzz(func(t *testing.T, data []byte) {
		im, err := ImportPacketSender(data)
		if err != nil {
			var bad *FileError
			if !errors.As(err, &bad) || bad.Line < 1 || bad.Line > 1+strings.Count(string(data), "\n") {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		b, err := encode(&Collection{Name: "c", Messages: im.Messages})
		if err != nil {
			t.Fatalf("what was imported cannot be kept: %v", err)
		}
		again, err := decode(b)
		if err != nil || fmt.Sprint(again.Messages) != fmt.Sprint(im.Messages) {
			t.Errorf("kept as\n%s\nit is %+v, %v", b, again, err)
		}
		for _, m := range im.Messages {
			if _, err := m.Bytes(fields.Builder{}); err != nil {
				t.Errorf("%+v cannot be sent: %v", m, err)
			}
		}
		for _, n := range im.Notes {
			if n.Problem == "" {
				t.Errorf("a note says nothing: %+v", n)
			}
		}
	})
}
