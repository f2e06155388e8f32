// Wirebench is a network workbench: it connects, listens and sends by hand,
// keeps every byte, and shows why. It has a window and a command line over one
// engine; see package wirebench/app/cli.
package main

import (
	"os"

	"wirebench/app/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
