#!/bin/sh
# Runs the programs of the Windows package under Wine, against this machine's loopback: every command of the command
# line with real peers, the unit tests, and the window on a virtual display. `make package` must have been run. Without Wine it says
# so and ends well; so it does for a part whose peer is missing.
#
# Where Wine lacks what every Go program needs, test/wine/bcryptprimitives.c makes up for it; see there.
set -eu
cd "$(dirname "$0")/.."
top=$PWD

say() { echo "windows: $*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
if ! have wine; then
	say "skipped: there is no wine here (Debian: apt-get install --no-install-recommends wine wine64)"
	exit 0
fi
for tool in ncat openssl unzip timeout; do
	have $tool || { say "skipped: there is no $tool here" && exit 0; }
done
# shellcheck disable=SC2012 # the names are our own
package=$(ls -t build/packages/wirebench-*-windows-amd64.zip 2>/dev/null | head -n 1)
[ -n "$package" ] || { say "there is no package to try; run make package first" && exit 1; }

work=$(mktemp -d)
started=
end() {
	for p in $started; do kill "$p" 2>/dev/null || true; done
	WINEPREFIX=$work/wine WINEDEBUG=-all wineserver -k 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT
trap 'exit 1' INT TERM

export WINEPREFIX="$work/wine" WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=" LIBGL_ALWAYS_SOFTWARE=1
display=${DISPLAY:-}
unset DISPLAY
unzip -q "$package" -d "$work"
mv "$work"/wirebench-*-windows-amd64 "$work/package"
cd "$work/package"
timeout 120 wine wineboot -i >/dev/null 2>&1 || true

passed=0 failures=0
good() { passed=$((passed + 1)) && echo "ok    $*"; }
bad() { failures=$((failures + 1)) && echo "FAIL  $*"; }
wirebench() { timeout 60 wine wirebench.com "$@"; }

# expect NAME STATUS PATTERN ARGUMENT... runs a command, and wants its status, and the pattern in what it says.
expect() {
	name=$1 status=$2 pattern=$3
	shift 3
	got=0
	wirebench "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
	if [ "$got" -ne "$status" ]; then
		bad "$name: status $got, want $status" && tail -n 5 "$work/out" "$work/err"
	elif ! cat "$work/out" "$work/err" | tr -d '\r' | grep -q -e "$pattern"; then
		bad "$name: nothing says $pattern" && tail -n 5 "$work/out" "$work/err"
	else
		good "$name"
	fi
}
# background FILE COMMAND... starts a peer, whose output goes into the file.
background() {
	file=$1
	shift
	"$@" >"$file" 2>&1 </dev/null &
	started="$started $!"
}
# await PATTERN FILE waits for a line, for half a minute, and prints it.
await() {
	tries=0
	until grep -m 1 -e "$1" "$2" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || { say "nothing says $1 in:" && cat "$2" >&2 && return 1; }
		sleep 0.1
	done
}
port_in() { sed 's/.*"local":"127\.0\.0\.1:\([0-9]*\)".*/\1/'; }
# free_port asks the system for a port; ncat then has to take it quickly.
free_port() { wirebench server 127.0.0.1:0 --duration 100ms --json 2>/dev/null | grep '"listening"' | port_in; }

if ! wirebench --version >"$work/out" 2>"$work/err"; then
	if ! have x86_64-w64-mingw32-gcc || ! grep -q bcryptprimitives "$work/err"; then
		bad "the command line does not start" && cat "$work/err"
		exit 1
	fi
	say "this Wine ($(wine --version)) lacks bcryptprimitives.dll and SIO_UDP_NETRESET, which Go needs of Windows 10; test/wine makes up for them"
	x86_64-w64-mingw32-gcc -Wall -Wextra -shared -O2 -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" \
		"$top/test/wine/bcryptprimitives.c" -ladvapi32 -lws2_32
fi
expect "says its version and commit" 0 '^wirebench [0-9.]*' --version
expect "calls a mistake a mistake" 2 'unknown flag' tcp 127.0.0.1:1 --no-such-flag

port=$(free_port)
background "$work/echo" ncat -v -l -k 127.0.0.1 "$port" --exec /bin/cat
await "Listening on" "$work/echo" >/dev/null
expect "tcp: sends and receives" 0 '"bytesIn":6' tcp "127.0.0.1:$port" --send 'hello\n' --expect hello --json
expect "tcp: finds localhost" 0 'closed by us' tcp "localhost:$port" --send hi --expect hi
expect "tcp: keeps a capture" 0 'closed by us' tcp "127.0.0.1:$port" --send abc --expect abc --save 'C:\saved.pcapng'
expect "export: reads it again" 0 '61 62 63' export 'C:\saved.pcapng' --as hexdump
expect "tcp: says that nobody listens" 1 'connection refused' tcp "127.0.0.1:$(free_port)"

port=$(free_port)
background "$work/udp" ncat -v -u -l 127.0.0.1 "$port" --exec /bin/cat
await "Listening on" "$work/udp" >/dev/null
expect "udp: sends and receives" 0 '<-      4' udp :0 --to "127.0.0.1:$port" --send ping --expect ping
expect "udp: joins a group" 0 'joined 239.1.2.3' udp :0 --multicast 239.1.2.3 --duration 1s
port=$(free_port)
expect "udp: repeats" 0 '100 datagrams' udp "127.0.0.1:$port" --to "127.0.0.1:$port" --send tick --every 1ms --count 100 --duration 10s
port=$(free_port)
[ ! -e /proc/net/if_inet6 ] || expect "udp: has IPv6" 0 '<-      4' udp "[::1]:$port" --to "[::1]:$port" --send ping --expect ping

background "$work/server" wirebench server 127.0.0.1:0 --greet 'Connected.' --echo --json --duration 60s
port=$(await '"listening"' "$work/server" | port_in)
if { printf 'abc\n' && sleep 1; } | timeout 10 ncat 127.0.0.1 "$port" | grep -q 'Connected.abc'; then good "server: greets and echoes"; else bad "server: greets and echoes"; fi

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 30 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
port=$(free_port)
background "$work/tls" openssl s_server -accept "127.0.0.1:$port" -cert "$work/cert.pem" -key "$work/key.pem" -rev
await ACCEPT "$work/tls" >/dev/null
expect "tls: trusts what it is told to" 0 'certificate trusted' tls "127.0.0.1:$port" --ca "$work/cert.pem" --send 'ping\n' --expect gnip
expect "tls: refuses a stranger" 1 'untrustedSigners' tls "127.0.0.1:$port" --send 'ping\n'
expect "certs: reads a file" 0 'certificate trusted' certs "$work/cert.pem" --host localhost --ca "$work/cert.pem"
background "$work/tlsserver" wirebench server 127.0.0.1:0 --tls --ca-out "$work/root.pem" --echo --json --duration 60s
port=$(await '"listening"' "$work/tlsserver" | port_in)
if { printf 'abc\n' && sleep 1; } | timeout 10 openssl s_client -connect "127.0.0.1:$port" -CAfile "$work/root.pem" -quiet -verify_return_error 2>/dev/null | grep -q abc; then
	good "server --tls: echoes"
else
	bad "server --tls: echoes"
fi
if wirebench --help 2>/dev/null | grep -q '^  lab '; then
	# Longer than all that follows takes: the lab ends with the test.
	background "$work/lab" timeout 240 wine wirebench.com lab --json --ca-out "$work/lab.pem"
	await '"name":"tls-unknown"' "$work/lab" >/dev/null
	lab() { grep "\"name\":\"$1\"" "$work/lab" | port_in; }
	expect "lab: the echo answers" 0 '<-      2' tcp "127.0.0.1:$(lab echo)" --send hi --expect hi
	expect "lab: the datagram echo answers" 0 '<-      2' udp :0 --to "127.0.0.1:$(lab udp)" --send hi --expect hi
	for status in trusted expired notYetValid principalMismatch revoked untrustedSigners invalidChain invalid; do
		want=1
		[ $status != trusted ] || want=0
		expect "lab: tls-$status is $status" $want "^certificate $status" tls "127.0.0.1:$(lab tls-$status)" --ca "$work/lab.pem" --policy inspect
	done
	expect "lab: tls-unknown is no TLS" 1 'no TLS server but SSH' tls "127.0.0.1:$(lab tls-unknown)" --ca "$work/lab.pem"
fi

# The unit tests of every package below sessions, as far as three minutes go; but not the longest, and not those that
# give a request 200 ms, which Wine may take.
if have go; then
	packages=$(cd "$top" && go list ./sessions/... | sed -n 's,^wirebench/\(sessions/.*\),\1,p' | grep -v -e '^sessions/capture$' -e '^sessions/certs/lookup$')
	mkdir "$work/unit"
	# shellcheck disable=SC2046,SC2086 # the names are our own
	(cd "$top" && GOOS=windows CGO_ENABLED=0 timeout 600 go test -c -tags headless -o "$work/unit/" $(printf './%s ' $packages)) >"$work/out" 2>&1 ||
		{ bad "the unit tests are built" && cat "$work/out"; }
	over=$(($(date +%s) + 180)) left=0
	for package in $packages; do
		program="$work/unit/$(basename "$package").test.exe"
		[ -e "$program" ] || continue # it has none
		seconds=$((over - $(date +%s)))
		if [ $seconds -lt 5 ]; then
			left=$((left + 1))
		elif (cd "$top/$package" && timeout $seconds wine "$program" -test.short) >"$work/out" 2>&1; then
			good "unit tests: $package"
		elif [ "$(date +%s)" -ge $over ]; then
			left=$((left + 1))
		else
			bad "unit tests: $package" && { grep -a -A 5 -e '--- FAIL' -e '^panic' "$work/out" || cat "$work/out"; } | tail -n 40
		fi
	done
	[ $left -eq 0 ] || say "the time was over before the unit tests of $left packages"
else
	say "the unit tests are not tried: there is no go here"
fi

# A console takes wirebench.com for "wirebench", and waits for it.
timeout 60 wine cmd /v:on /c 'wirebench tcp 127.0.0.1 & echo status !ERRORLEVEL!' >"$work/out" 2>/dev/null || true
if grep -q 'status 2' "$work/out"; then good "cmd.exe has its status"; else bad "cmd.exe has its status" && cat "$work/out"; fi
timeout 60 wine cmd /c 'wirebench.exe --version > C:\told.txt' 2>/dev/null || true
if grep -q '^wirebench' "$WINEPREFIX/drive_c/told.txt"; then good "the window's program writes where it is sent to"; else bad "the window's program writes where it is sent to"; fi

if have Xvfb && have xdotool; then
	Xvfb -displayfd 3 -screen 0 1280x800x24 +extension GLX 3>"$work/display" 2>/dev/null &
	started="$started $!"
	await '[0-9]' "$work/display" >/dev/null
	DISPLAY=:$(cat "$work/display")
	export DISPLAY FYNE_SCALE=1
	if have openbox; then
		openbox >/dev/null 2>&1 &
		started="$started $!"
	fi
	port=$(free_port)
	# The desktop that Wine has made without a display is not that of this one.
	wineserver -k || true
	background "$work/echo2" ncat -v -l -k 127.0.0.1 "$port" --sh-exec "tee -a $work/typed"
	await "Listening on" "$work/echo2" >/dev/null
	background "$work/window" wirebench "tcp://127.0.0.1:$port"
	if timeout 60 xdotool search --sync --onlyvisible --name "127.0.0.1:$port.*Wirebench" >/dev/null; then
		good "the window opens beside the console's program, on Mesa's software renderer"
		await Connection "$work/echo2" >/dev/null
		# The window may still be waiting for its focus: type until the peer has it.
		tries=0
		until grep -q hello "$work/typed" 2>/dev/null || [ $tries -ge 20 ]; do
			tries=$((tries + 1))
			xdotool key ctrl+m type hello
			xdotool key ctrl+Return
			sleep 1
		done
		if grep -q hello "$work/typed"; then good "what is typed into the window reaches the peer"; else bad "what is typed into the window reaches the peer"; fi
		mkdir -p "$top/test/out"
		! have import || { sleep 3 && import -window root "$top/test/out/windows.png" && echo "      test/out/windows.png"; }
	else
		bad "the window opens" && cat "$work/window"
	fi
else
	say "the window is not tried: there is no Xvfb or no xdotool here"
fi
[ -z "$display" ] || export DISPLAY="$display"

echo "$passed passed, $failures failed, under $(wine --version 2>/dev/null) with $(basename "$package")"
[ "$failures" -eq 0 ]
