package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// This program is also its own peers, in processes of their own, so that they share no scheduler and no garbage
// collector with what is measured. The first argument then is one of these.
const (
	sendCommand   = "-be-sender"
	echoCommand   = "-be-echo"
	echoesCommand = "-be-echoes"
	serverCommand = "-be-server"

	floodCommand          = "-be-flood"
	udpBareCommand        = "-be-udp"
	udpSessionCommand     = "-be-udp-session"
	udpSendBareCommand    = "-be-udp-sender"
	udpSendSessionCommand = "-be-udp-session-sender"
	udpTickCommand        = "-be-udp-ticker"
	udpRepeatCommand      = "-be-udp-repeater"
)

// serve is what a helper process does; ok is false when this process is none.
func serve(args []string) (ok bool, err error) {
	if len(args) != 2 {
		return false, nil
	}
	switch args[0] {
	case sendCommand:
		return true, send(args[1])
	case echoCommand:
		return true, answer()
	case echoesCommand:
		return true, echoAll()
	case serverCommand:
		return true, serveAll(args[1])
	}
	return udpHelp(args[0], args[1])
}

// helper starts this program as a peer and returns the address it listens on. end must be called: it ends the helper
// if it has not ended by itself.
func helper(ctx context.Context, command, argument string) (address string, end func(), err error) {
	_, out, end, err := helperPipes(ctx, command, argument)
	if err != nil {
		return "", nil, err
	}
	line, err := out.ReadString('\n')
	if err != nil {
		end()
		return "", nil, fmt.Errorf("the helper %s names no address: %w", command, err)
	}
	return strings.TrimSpace(line), end, nil
}

// helperPipes starts this program as a peer and returns its standard input and output. end must be called.
func helperPipes(ctx context.Context, command, argument string) (in io.Writer, out *bufio.Reader, end func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, nil, err
	}
	cmd := exec.CommandContext(ctx, self, command, argument)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, nil, err
	}
	end = func() {
		cmd.Process.Kill()
		cmd.Wait()
	}
	return stdin, bufio.NewReader(stdout), end, nil
}
