#!/bin/sh
# Installs Wirebench from the folder this script lies in, for everybody or for one person, or takes it away again:
#
#   sudo ./install.sh                  into /usr/local
#   ./install.sh --user                into ~/.local
#   ./install.sh --uninstall [--user]  takes away what the above put there
#
# PREFIX names another place than /usr/local; DESTDIR stands before every path, for making packages.
set -eu
cd "$(dirname "$0")"

prefix=${PREFIX:-/usr/local}
uninstall=
for word in "$@"; do
	case $word in
	--user) prefix=$HOME/.local ;;
	--uninstall) uninstall=yes ;;
	*)
		echo "usage: $0 [--user] [--uninstall]" >&2
		exit 2
		;;
	esac
done
to=${DESTDIR:-}$prefix

if [ -d "$to" ] && [ ! -w "$to" ] || [ ! -d "$to" ] && ! mkdir -p "$to" 2>/dev/null; then
	echo "install.sh: $to cannot be written to; use sudo, or --user to install for yourself alone" >&2
	exit 1
fi

find bin share -type f | LC_ALL=C sort | while IFS= read -r file; do
	if [ -n "$uninstall" ]; then
		rm -f "$to/$file"
		continue
	fi
	mode=644
	case $file in bin/*) mode=755 ;; esac
	mkdir -p "$to/$(dirname "$file")"
	# A running program's file cannot be written to, but replaced.
	cp "$file" "$to/$file.new"
	chmod "$mode" "$to/$file.new"
	mv -f "$to/$file.new" "$to/$file"
done
rmdir "$to/share/doc/wirebench" 2>/dev/null || true

# Desktops notice new entries by themselves sooner or later; this makes it sooner.
if [ -z "${DESTDIR:-}" ]; then
	! command -v update-desktop-database >/dev/null 2>&1 || update-desktop-database -q "$to/share/applications" 2>/dev/null || true
	! command -v gtk-update-icon-cache >/dev/null 2>&1 || [ ! -e "$to/share/icons/hicolor/index.theme" ] ||
		gtk-update-icon-cache -q -t -f "$to/share/icons/hicolor" 2>/dev/null || true
fi

if [ -n "$uninstall" ]; then
	echo "Wirebench is gone from $prefix. What it kept (captures, open tabs) is still in ~/.local/state/wirebench."
	exit 0
fi
echo "Wirebench is installed: $prefix/bin/wirebench"
case :$PATH: in
*":$prefix/bin:"*) ;;
*) echo "$prefix/bin is not on your PATH; the desktop's menu needs it there too (a new login often puts it there)." ;;
esac
lacking=$(ldd "bin/wirebench" 2>/dev/null | sed -n 's/^[[:space:]]*\([^ ]*\) => not found$/\1/p')
[ -z "$lacking" ] || printf 'The window needs libraries that this system lacks; install the packages that hold them:\n%s\n' "$lacking"
