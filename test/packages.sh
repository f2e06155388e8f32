#!/bin/sh
# Tries the packages for Linux that `make package` has built: installs the archive for one person, runs and removes it;
# looks into the .deb, and installs it into a bare Debian where CHROOT names the folder of one (as debootstrap makes it;
# that takes root). Whatever checks desktop entries, metadata and Debian packages is asked, where it is there.
set -eu
cd "$(dirname "$0")/.."

say() { echo "packages: $*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
# shellcheck disable=SC2012 # the names are our own
newest() { ls -t "$@" 2>/dev/null | head -n 1; }
case $(uname -s) in Linux) ;; *) say "skipped: they are for Linux" && exit 0 ;; esac
archive=$(newest build/packages/wirebench-*-linux-*.tar.xz)
[ -n "$archive" ] || { say "there is no package to try; run make package first" && exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
bad() { say "FAIL: $*" && exit 1; }
ok() { echo "ok    $*"; }

tar -C "$work" -xf "$archive"
tree=$(echo "$work"/wirebench-*)
mkdir "$work/home"
HOME=$work/home sh "$tree/install.sh" --user >"$work/said" || bad "install.sh --user: $(cat "$work/said")"
told=$(env -i HOME="$work/home" PATH=/nonexistent "$work/home/.local/bin/wirebench" --version) || bad "what was installed does not start"
case $told in "wirebench "[0-9]*) ok "installs for one person: $told" ;; *) bad "--version says $told" ;; esac
grep -q '^Icon=io.wirebench.app$' "$work/home/.local/share/applications/io.wirebench.app.desktop" || bad "the desktop entry names no icon"
for size in 16 32 48 128 256 512; do
	[ -s "$work/home/.local/share/icons/hicolor/${size}x$size/apps/io.wirebench.app.png" ] || bad "there is no icon of $size pixels"
done
gzip -dc "$work/home/.local/share/man/man1/wirebench.1.gz" | grep -q '^\.B tcp$' || bad "the manual does not know tcp"
HOME=$work/home sh "$tree/install.sh" --uninstall --user >/dev/null
left=$(find "$work/home" -type f ! -name mimeinfo.cache ! -name icon-theme.cache) # the desktop's own
[ -z "$left" ] || bad "uninstalling leaves $left"
ok "uninstalls"
DESTDIR=$work/dest PREFIX=/usr sh "$tree/install.sh" >/dev/null
[ -x "$work/dest/usr/bin/wirebench" ] || bad "DESTDIR and PREFIX are not followed"
ok "installs below DESTDIR"

share=$tree/share
if have desktop-file-validate; then
	desktop-file-validate "$share"/applications/*.desktop || bad "desktop-file-validate"
	ok "desktop-file-validate"
fi
if have appstreamcli; then
	appstreamcli validate --no-net "$share"/metainfo/*.xml >"$work/appstream" 2>&1 || bad "appstreamcli: $(cat "$work/appstream")"
	ok "appstreamcli validate"
fi
if have man; then
	LC_ALL=C.UTF-8 man --warnings -l "$share/man/man1/wirebench.1.gz" 2>"$work/man" >/dev/null
	[ ! -s "$work/man" ] || bad "man: $(cat "$work/man")"
	ok "man"
fi

deb=$(newest build/packages/wirebench_*.deb)
if [ -z "$deb" ]; then
	say "there is no .deb to try"
	exit 0
fi
dpkg-deb -x "$deb" "$work/deb"
[ "$("$work/deb/usr/bin/wirebench" --version)" = "$told" ] || bad "the .deb has another program than the archive"
# Everything that the program links or loads by name stands among its dependencies, if only by way of others.
depends=$(dpkg-deb -f "$deb" Depends)
for library in libc6 libgl1 libgtk-3-0 libx11-6 libxcursor1 libxi6 libxrandr2 libxinerama1 libxkbcommon0 libwayland-client0; do
	case $depends in *"$library"*) ;; *) bad "the .deb does not depend on $library" ;; esac
done
ok "the .deb names its dependencies"
if have lintian; then
	# The maintainer's address is for the one who publishes it to set (DEBEMAIL).
	lintian --fail-on error,warning --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$deb" >"$work/lintian" 2>&1 || bad "lintian: $(cat "$work/lintian")"
	ok "lintian"
fi
if [ -n "${CHROOT:-}" ]; then
	cp "$deb" "$CHROOT/tmp/wirebench.deb"
	chroot "$CHROOT" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get -qq update && apt-get -qq install -y --reinstall --no-install-recommends /tmp/wirebench.deb' >"$work/apt" 2>&1 ||
		bad "apt in $CHROOT: $(tail -n 5 "$work/apt")"
	[ "$(chroot "$CHROOT" wirebench --version)" = "$told" ] || bad "it does not start in $CHROOT"
	ok "apt installs it, and it starts, in $CHROOT: $(cat "$CHROOT/etc/debian_version")"
fi
