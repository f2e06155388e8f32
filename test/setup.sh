#!/bin/sh
# Installs what is missing on this machine: `test/setup.sh build` for building the window, `test/setup.sh test`
# for the tests too. When everything is there it only looks, which takes a fraction of a second.
# Linux: apt, dnf or pacman, through sudo when not root. macOS and Windows: it says what to install.
set -eu
cd "$(dirname "$0")/.."
want=${1:-build}
case $want in build | test | package) ;; *) echo "usage: $0 [build|test|package]" >&2 && exit 2 ;; esac

say() { echo "setup: $*" >&2; }
# dnsmasq is where the PATH of a person need not lead.
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

# Go comes from the person: distributions ship versions too old for go.mod.
need=$(sed -n 's/^go \([0-9.]*\)$/\1/p' go.mod)
if ! have go; then
	say "Go is missing. Install Go $need or newer from https://go.dev/dl/ and put its bin folder on PATH."
	exit 1
fi
# Inside the module go either is new enough, or fetches the toolchain that go.mod asks for, or says that it cannot.
if ! told=$(go version 2>&1); then
	say "Go cannot be used: $told"
	say "Install Go $need or newer from https://go.dev/dl/."
	exit 1
fi
got=$(printf '%s\n' "$told" | sed -n 's/^go version go\([0-9.]*\).*/\1/p')
oldest=$(printf '%s\n%s\n' "$need" "${got:-$need}" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)
if [ "$oldest" != "$need" ] && [ "$oldest.0" != "$need" ]; then
	say "Go $got is too old. Install Go $need or newer from https://go.dev/dl/."
	exit 1
fi

case $(uname -s) in
Linux) ;;
Darwin)
	if ! xcode-select -p >/dev/null 2>&1; then
		say "the C compiler is missing: run xcode-select --install"
		exit 1
	fi
	exit 0
	;;
*)
	if [ "$want" = package ]; then
		say "the packages for Windows are built on Linux, where make package makes them all"
		exit 1
	fi
	if ! have gcc && ! have clang; then
		say "a C compiler is missing: install MSYS2 (https://www.msys2.org), then: pacman -S mingw-w64-ucrt-x86_64-gcc, and put C:\\msys64\\ucrt64\\bin on PATH"
		exit 1
	fi
	exit 0
	;;
esac

libraries="gl wayland-client wayland-cursor wayland-egl x11 xcursor xrandr xinerama xi xxf86vm xkbcommon gtk+-3.0"
programs="make Xvfb openbox xdotool xclip ncat socat tshark openssl curl ss ps dnsmasq"
# Of the distributions here only Debian and its children have packetsender.
! have apt-get || programs="$programs packetsender"
packagers="x86_64-w64-mingw32-gcc x86_64-w64-mingw32-windres zip xz"
! have apt-get || packagers="$packagers dpkg-deb dpkg-shlibdeps"
# telnetd is only unpacked (see unpack_telnetd), and only where Debian's package is to be had.
telnetd_there() {
	have apt-get || return 0
	for program in build/peers/usr/sbin/telnetd /usr/sbin/telnetd; do
		case $("$program" --version 2>/dev/null </dev/null) in *inetutils*) return 0 ;; esac
	done
	return 1
}
font_there() { have fc-list && [ -n "$(fc-list 2>/dev/null | head -n 1)" ]; }
mesa_there() {
	for driver in /usr/lib/*/dri/swrast_dri.so /usr/lib*/dri/swrast_dri.so /usr/lib/*/libgallium*.so /usr/lib*/libgallium*.so; do
		[ ! -e "$driver" ] || return 0
	done
	return 1
}

# missing prints the first thing that is not there, or nothing.
missing() {
	{ have gcc || have cc; } || { echo "a C compiler" && return; }
	# A compiler without the C library's headers compiles nothing.
	echo '#include <stdlib.h>' | cc -E - >/dev/null 2>&1 || { echo "the C library's headers" && return; }
	have pkg-config || { echo "pkg-config" && return; }
	for library in $libraries; do
		pkg-config --exists "$library" 2>/dev/null || { echo "the library $library" && return; }
	done
	if [ "$want" = package ]; then
		for program in $packagers; do
			have "$program" || { echo "$program" && return; }
		done
	fi
	if [ "$want" = test ]; then
		for program in $programs; do
			have "$program" || { echo "$program" && return; }
		done
		telnetd_there || { echo "telnetd" && return; }
		mesa_there || { echo "the software renderer of Mesa" && return; }
		font_there || { echo "a font" && return; }
	fi
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0
say "$lacking is missing; installing the packages that Wirebench needs ($want)"

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		say "this needs root and there is no sudo; as root run: $*"
		return 1
	fi
}

# Debian's telnetd wants a server of inetd's kind and one for the system's log installed beside it. The tests need
# neither, and nothing may listen because of them: so the program alone is put under build/, where it runs only when a
# test gives it a connection.
unpack_telnetd() {
	rm -rf build/peers
	mkdir -p build/peers/deb
	(cd build/peers/deb && apt-get -qq download inetutils-telnetd) >&2 </dev/null || return 1
	dpkg-deb -x build/peers/deb/*.deb build/peers
	rm -r build/peers/deb
}

if have apt-get; then
	packages="ca-certificates gcc libc6-dev pkg-config libgl1-mesa-dev libwayland-dev libx11-dev libxkbcommon-dev xorg-dev libgtk-3-dev"
	[ "$want" != package ] || packages="$packages make gcc-mingw-w64-x86-64 zip xz-utils dpkg-dev"
	[ "$want" != test ] || packages="$packages make xvfb openbox xdotool xclip x11-utils libgl1-mesa-dri ncat socat tshark openssl curl iproute2 procps packetsender dnsmasq-base fontconfig fonts-dejavu-core"
	# tshark asks who may capture packets unless it is told not to ask; nothing here captures from an interface.
	apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null >&2; }
	# Package lists may be absent or out of date; they are fetched only when the first try fails.
	# shellcheck disable=SC2086 # the lists are words
	apt install -y --no-install-recommends $packages 2>/dev/null ||
		{ apt update && apt install -y --no-install-recommends $packages; }
	if [ "$want" = test ] && ! telnetd_there; then
		unpack_telnetd 2>/dev/null || { apt update && unpack_telnetd; }
	fi
elif have dnf; then
	packages="gcc glibc-devel pkgconf-pkg-config mesa-libGL-devel wayland-devel libX11-devel libXcursor-devel libXrandr-devel libXinerama-devel libXi-devel libXxf86vm-devel libxkbcommon-devel gtk3-devel"
	[ "$want" != package ] || packages="$packages make mingw64-gcc zip xz"
	[ "$want" != test ] || packages="$packages make xorg-x11-server-Xvfb openbox xdotool xclip xdpyinfo mesa-dri-drivers nmap-ncat socat wireshark-cli openssl curl iproute procps-ng dnsmasq fontconfig dejavu-sans-fonts"
	# shellcheck disable=SC2086
	as_root dnf install -y -q $packages >&2
elif have pacman; then
	packages="gcc pkgconf mesa wayland libx11 libxcursor libxrandr libxinerama libxi libxxf86vm libxkbcommon gtk3"
	[ "$want" != package ] || packages="$packages make mingw-w64-gcc zip xz"
	[ "$want" != test ] || packages="$packages make xorg-server-xvfb openbox xdotool xclip xorg-xdpyinfo nmap socat wireshark-cli openssl curl iproute2 procps-ng dnsmasq fontconfig ttf-dejavu"
	# shellcheck disable=SC2086
	as_root pacman -S --needed --noconfirm $packages >&2
else
	say "no apt-get, dnf or pacman here: install $lacking and whatever else this script then names"
	exit 1
fi

lacking=$(missing)
if [ -n "$lacking" ]; then
	say "$lacking is still missing after installing; the system's packages may have other names here"
	exit 1
fi
say "done"
