#!/bin/sh
# Builds packages into build/packages: `assets/package/build.sh linux|windows|macos`, run by `make package`.
# The same commit, tools and Go give the same bytes: no path, user or time of the build gets into them.
#
# From make: VERSION (1.2.3), COMMIT (empty where nobody knows) and TAGS. PACKAGE_BINARY, for trying the layout of the
# macOS app elsewhere, is taken instead of building.
set -eu
umask 022
cd "$(dirname "$0")/../.."
top=$PWD
parts=$top/assets/package
out=$top/build/packages
module=wirebench

say() { echo "package: $*" >&2; }
: "${VERSION:?}" "${TAGS:?}"
COMMIT=${COMMIT:-}

# A release is named after its version alone, everything else after its day and commit too.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date -r go.sum +%s)}
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C
day=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d 2>/dev/null || date -u -r "$SOURCE_DATE_EPOCH" +%Y-%m-%d)
name=$VERSION
tagged=$(git tag --list --points-at HEAD "v$VERSION" 2>/dev/null || true)
if [ -n "$COMMIT" ] && { [ "$tagged" != "v$VERSION" ] || [ "$COMMIT" != "${COMMIT%.dirty}" ]; }; then
	name=$VERSION+$(printf %s "$day" | tr -d -).$COMMIT
fi
full=$VERSION${COMMIT:++$COMMIT}
copyright=$(sed -n 's/^Copyright (c) /© /p' LICENSE | head -n 1)
stamp="-buildid= -X $module/app/cli.version=$VERSION -X $module/app/cli.commit=$COMMIT"

# build GOOS FLAGS... OUTPUT builds the program; the version is stamped into it and paths are not.
build() {
	system=$1
	shift
	say "go build for $system: $*"
	GOOS=$system go build -buildvcs=false -trimpath "$@" .
}

# fill TEMPLATE FILE [SED...] writes a file with what its template leaves open.
fill() {
	from=$1 to=$2
	shift 2
	sed -e "s/@VERSION@/$full/g" -e "s/@RELEASE@/$VERSION/g" -e "s/@DATE@/$day/g" -e "s/@COPYRIGHT@/$copyright/g" "$@" "$from" >"$to"
}

icon() { (cd assets && env -u GOOS -u GOARCH -u CC go run icongen.go "$@"); }

# notices GOOS CGO_ENABLED TAGS writes the licences of everything that is linked, which must go along with it.
notices() {
	echo "Wirebench has in it the Go standard library and the modules below, under the licences that follow each name."
	printf '\n==== The Go standard library and runtime, %s\n\n' "$(go env GOVERSION)"
	cat "$(go env GOROOT)/LICENSE"
	GOOS=$1 CGO_ENABLED=$2 go list -deps -tags "$3" -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' . |
		sort -u | while read -r path version dir; do
		files=$(find "$dir" -maxdepth 4 -type f \( -iname 'LICEN[SC]E*' -o -iname 'COPYING*' -o -iname 'NOTICE*' -o -iname 'OFL*' \) \
			! -name '*.go' ! -path '*/testdata/*' ! -path '*/_*' | sort)
		[ -n "$files" ] || { say "$path has no licence file" && exit 1; }
		printf '\n==== %s %s\n' "$path" "$version"
		for file in $files; do
			printf '\n---- %s\n\n' "${file#"$dir"/}"
			cat "$file"
		done
	done
}

# settle DIR gives every file in it the time of the commit.
settle() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} + 2>/dev/null || find "$1" -exec touch -h -t "$(date -u -r "$SOURCE_DATE_EPOCH" +%Y%m%d%H%M.%S)" {} +; }

fresh() { rm -rf "$1" && mkdir -p "$1"; }

linux() {
	arch=$(go env GOARCH)
	stem=wirebench-$name-linux-$arch
	work=$top/build/package/linux
	tree=$work/$stem
	fresh "$work"
	mkdir -p "$tree/bin"
	CGO_ENABLED=1 build linux -buildmode=pie -tags "$TAGS" -ldflags "$stamp -s -w -extldflags '-Wl,-z,relro,-z,now'" -o "$tree/bin/wirebench"

	share=$tree/share
	mkdir -p "$share/applications" "$share/metainfo" "$share/man/man1" "$share/doc/wirebench" "$share/icons/hicolor/scalable/apps" \
		"$share/bash-completion/completions" "$share/zsh/vendor-completions" "$share/fish/vendor_completions.d"
	cp "$parts/linux/io.wirebench.app.desktop" "$share/applications/"
	fill "$parts/linux/io.wirebench.app.metainfo.xml" "$share/metainfo/io.wirebench.app.metainfo.xml"
	cp assets/icon.svg "$share/icons/hicolor/scalable/apps/io.wirebench.app.svg"
	for size in 16 24 32 48 64 128 256 512; do
		mkdir -p "$share/icons/hicolor/${size}x$size/apps"
		icon -size $size -o "$share/icons/hicolor/${size}x$size/apps/io.wirebench.app.png"
	done
	# The manual's list of commands is what the program says of itself.
	"$tree/bin/wirebench" --help | sed -n '/^Available Commands:/,/^$/s/^  \([a-z]*\) *\(.*\)$/.TP\n.B \1\n\2/p' >"$work/commands"
	grep -q '^.B tcp$' "$work/commands" || { say "--help lists no commands" && exit 1; }
	fill "$parts/linux/wirebench.1" "$share/man/man1/wirebench.1" -e "/@COMMANDS@/{r $work/commands" -e 'd}'
	gzip -9n "$share/man/man1/wirebench.1"
	"$tree/bin/wirebench" completion bash >"$share/bash-completion/completions/wirebench"
	"$tree/bin/wirebench" completion zsh >"$share/zsh/vendor-completions/_wirebench"
	"$tree/bin/wirebench" completion fish >"$share/fish/vendor_completions.d/wirebench.fish"
	cp LICENSE "$share/doc/wirebench/LICENSE"
	notices linux 1 "$TAGS" >"$share/doc/wirebench/THIRD-PARTY"
	gzip -9n "$share/doc/wirebench/THIRD-PARTY"

	deb "$arch"

	mkdir -p "$share/zsh/site-functions"
	mv "$share/zsh/vendor-completions/_wirebench" "$share/zsh/site-functions/" && rmdir "$share/zsh/vendor-completions"
	cp "$parts/linux/install.sh" "$parts/linux/Makefile" "$tree/"
	settle "$tree"
	tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf "$work/$stem.tar" "$stem"
	xz -9 -T1 -c "$work/$stem.tar" >"$out/$stem.tar.xz"
	say "build/packages/$stem.tar.xz"
}

# deb ARCH makes the Debian package of the tree that linux built.
deb() {
	for tool in dpkg-deb dpkg-shlibdeps; do
		command -v $tool >/dev/null || { say "no $tool here, so no .deb" && return; }
	done
	# What comes before a release sorts before it, and what comes after it behind it.
	if [ "$name" = "$VERSION" ] || git rev-parse -q --verify "v$VERSION^{commit}" >/dev/null 2>&1; then
		version=$name
	else
		version=$(printf %s "$name" | sed 's/+/~/')
	fi
	# Who answers for the package is for the one to say who publishes it, in Debian's own variables.
	maintainer="${DEBFULLNAME:-The Wirebench authors} <${DEBEMAIL:-wirebench@localhost}>"
	darch=$(dpkg --print-architecture)
	root=$work/deb
	fresh "$root"
	mkdir -p "$root/usr" "$root/DEBIAN" "$work/shlibs/debian"
	cp -R "$tree/bin" "$tree/share" "$root/usr/"
	doc=$root/usr/share/doc/wirebench
	rm "$doc/LICENSE"
	{
		echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
		echo "Upstream-Name: Wirebench"
		echo "Comment: What is built into the program besides is named, with its licences, in THIRD-PARTY.gz."
		printf '\nFiles: *\nCopyright: %s\nLicense: BSD-3-Clause\n\nLicense: BSD-3-Clause\n' "$(sed -n 's/^Copyright (c) //p' LICENSE)"
		sed -e '1,4d' -e 's/^$/./' -e 's/^/ /' LICENSE
	} >"$doc/copyright"
	printf 'wirebench (%s) unstable; urgency=medium\n\n  * Built from the commit %s.\n\n -- %s  %s\n' \
		"$version" "${COMMIT:-of a source archive}" "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.gz"

	# Linked libraries, as Debian's own tool finds them. Those that GLFW loads by name come on top.
	printf 'Source: wirebench\n\nPackage: wirebench\nArchitecture: any\n' >"$work/shlibs/debian/control"
	linked=$(cd "$work/shlibs" && dpkg-shlibdeps -O -e"$tree/bin/wirebench" 2>"$work/shlibs/said" | sed -n 's/^shlibs:Depends=//p') ||
		{ cat "$work/shlibs/said" >&2 && exit 1; }
	[ -n "$linked" ] || { say "dpkg-shlibdeps finds nothing" && exit 1; }
	loaded=
	for library in libgl1 libx11-6 libxcursor1 libxext6 libxi6 libxinerama1 libxkbcommon0 libxrandr2 libxrender1 libxxf86vm1 \
		libwayland-client0 libwayland-cursor0 libwayland-egl1; do
		case ", $linked" in *", $library"[\ ,]* | *", $library") ;; *) loaded="$loaded, $library" ;; esac
	done
	size=$(find "$root/usr" -type f -exec stat -c %s {} + | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
	cat >"$root/DEBIAN/control" <<-END
		Package: wirebench
		Version: $version
		Architecture: $darch
		Maintainer: $maintainer
		Installed-Size: $size
		Depends: $linked$loaded
		Recommends: ca-certificates, default-dbus-session-bus | dbus-session-bus, libgl1-mesa-dri, xdg-utils
		Suggests: wireshark
		Section: net
		Priority: optional
		Description: network workbench for testing servers by hand
		 Wirebench connects, listens and sends over TCP, TLS and UDP, keeps every byte
		 in a capture that Wireshark opens, and shows it as hex, as text and as values
		 in both byte orders. It says everything that is wrong with a certificate, and
		 why a connection failed or ended. The same engine works without a display, on
		 the command line, with JSON Lines and exit statuses.
	END
	(cd "$root" && find usr -type f | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
	settle "$root"
	file=wirebench_${version}_$darch.deb
	dpkg-deb --root-owner-group -Zxz --build "$root" "$out/$file" >/dev/null
	say "build/packages/$file"
}

# resources PROGRAM DESCRIPTION puts icon, manifest and version into an object for the linker.
resources() {
	numbers=$(printf '%s.0.0.0' "${VERSION%%[!0-9.]*}" | cut -d. -f1-4)
	for part in wirebench.manifest wirebench.rc; do
		fill "$parts/windows/$part" "$work/$part" -e "s/@NUMBERS,@/$(printf %s "$numbers" | tr . ,)/" -e "s/@NUMBERS@/$numbers/" \
			-e "s/@FILE@/$1/" -e "s/@DESCRIPTION@/$2/"
	done
	(cd "$work" && "$cross-windres" -O coff wirebench.rc "$1.o")
}

windows() {
	cross=x86_64-w64-mingw32
	stem=wirebench-$name-windows-amd64
	work=$top/build/package/windows
	tree=$work/$stem
	fresh "$work"
	mkdir -p "$tree"
	icon -o "$work/wirebench.ico"
	export GOARCH=amd64
	# Both go through gcc's linker, also the one that has no C in it, as that takes the resources.
	linker="-linkmode=external -extldflags '-static-libgcc -Wl,--no-insert-timestamp"
	resources wirebench.com "Wirebench, command line"
	CGO_ENABLED=1 CC=$cross-gcc build windows -tags headless -ldflags "$stamp -s -w $linker $work/wirebench.com.o'" -o "$tree/wirebench.com"
	resources wirebench.exe Wirebench
	CGO_ENABLED=1 CC=$cross-gcc build windows -tags "$TAGS" -ldflags "$stamp -s -w -H windowsgui $linker $work/wirebench.exe.o'" -o "$tree/wirebench.exe"
	fill "$parts/windows/README.txt" "$tree/README.txt"
	cp LICENSE "$tree/LICENSE.txt"
	CC=$cross-gcc notices windows 1 "$TAGS" >"$tree/THIRD-PARTY.txt"
	sed -i 's/\r*$/\r/' "$tree/README.txt" "$tree/LICENSE.txt" "$tree/THIRD-PARTY.txt"
	unset GOARCH
	settle "$tree"
	rm -f "$out/$stem.zip"
	(cd "$work" && find "$stem" | sort | zip -q -9 -X -@ "$out/$stem.zip")
	say "build/packages/$stem.zip"
}

macos() {
	arch=${GOARCH:-$(go env GOARCH)}
	stem=wirebench-$name-macos-$arch
	work=$top/build/package/macos
	app=$work/Wirebench.app
	fresh "$work"
	mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"
	if [ -n "${PACKAGE_BINARY:-}" ]; then
		say "taking $PACKAGE_BINARY, which was built elsewhere"
		cp "$PACKAGE_BINARY" "$app/Contents/MacOS/wirebench"
	else
		CGO_ENABLED=1 MACOSX_DEPLOYMENT_TARGET=12.0 build darwin -tags "$TAGS" -ldflags "$stamp -s -w" -o "$app/Contents/MacOS/wirebench"
	fi
	fill "$parts/macos/Info.plist" "$app/Contents/Info.plist"
	printf 'APPL????' >"$app/Contents/PkgInfo"
	icon -o "$app/Contents/Resources/icon.icns"
	cp LICENSE "$app/Contents/Resources/LICENSE.txt"
	notices darwin 1 "$TAGS" >"$app/Contents/Resources/THIRD-PARTY.txt"
	if command -v plutil >/dev/null; then
		plutil -lint -s "$app/Contents/Info.plist"
	fi
	if command -v codesign >/dev/null; then
		# A signature of nobody: Apple's processors start nothing without one.
		codesign --force --sign - "$app"
	fi
	settle "$app"
	rm -f "$out/$stem.zip"
	(cd "$work" && find Wirebench.app | sort | zip -q -9 -X -y -@ "$out/$stem.zip")
	say "build/packages/$stem.zip"
}

mkdir -p "$out"
case ${1:-} in
linux | windows | macos) "$1" ;;
*) echo "usage: $0 linux|windows|macos" >&2 && exit 2 ;;
esac
