//go:build unix

package sessions

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestAPrivilegedPortForDatagramsSaysHowToGetTheRight(t *testing.T) {
	if os.Geteuid() == 0 {
		if !inChild(t, func(c *exec.Cmd) {
			if _, err := os.Stat("/proc/self/exe"); err != nil {
				t.Skip("root may bind every port")
			}
			c.Path = "/proc/self/exe" // the folder of the test is root's own
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			c.Dir = "/"
		}) {
			return
		}
	}
	pc, err := net.ListenPacket("udp4", "127.0.0.1:1")
	if err == nil {
		_ = pc.Close()
		t.Skip("this user may bind every port")
	}
	d := DefaultUDP()
	d.Address = "127.0.0.1:1"
	if err := failed(t, d, nil); field(err) != "Address" || !errors.Is(err, errAccess) || !strings.Contains(err.Error(), "ports below ") {
		t.Errorf("%v", err)
	}
}
