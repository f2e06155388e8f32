#!/bin/sh
# `make run`: starts the window. Where there is no display, the real window is shown to itself instead: on a virtual
# display, against an echo peer on loopback; the last line printed is then the path of a picture of it.
set -eu
cd "$(dirname "$0")/.."

display() {
	case $(uname -s) in Linux) ;; *) return 0 ;; esac
	[ -z "${WAYLAND_DISPLAY:-}" ] || return 0
	[ -n "${DISPLAY:-}" ] || return 1
	# A DISPLAY left over from a closed session is no display.
	! command -v xdpyinfo >/dev/null 2>&1 || xdpyinfo >/dev/null 2>&1
}

if display; then
	exec build/wirebench "$@"
fi
echo "There is no display here, so Wirebench runs on a virtual one, with an echo peer to talk to." >&2
sh test/setup.sh test
exec go run -buildvcs=false ./test/show -binary build/wirebench -picture build/wirebench.png
