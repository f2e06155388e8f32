# Wirebench. `make run` and `make test` are all one needs: each installs the system packages it lacks (test/setup.sh).
#
#   make run          build the window and start it (without a display: on a virtual one, ending with a picture)
#   make test         vet, unit tests under the race detector, headless builds, end-to-end tests (Linux)
#   make lint         gofmt, go vet, staticcheck
#   make bench        measure against socat, grep, openssl and bare Go and Fyne programs
#   make screenshots  renew the README's pictures of the window, in assets/screenshots
#   make build        build/wirebench; make headless builds the command line alone, static
#   make package      installable packages in build/packages: on Linux those for Linux and Windows, on a Mac an app
#   make package-check  try them: install, start, and run the Windows programs under Wine, as far as it is there
#
# FLOOD_MIB=n bounds the flood that the end-to-end test pushes through the window (2048 by default).
# WIREBENCH_RACE=1 make e2e drives a window that is built with the race detector.

.DEFAULT_GOAL := build
.PHONY: build run test race e2e headless lint bench screenshots setup-build setup-test package package-check clean

TAGS        := migrated_fynedo
VERSION     := $(shell sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)
# Ten digits, the same in every clone; none in a source archive, which has no git history.
COMMIT      := $(shell c=$$(git rev-parse HEAD 2>/dev/null | cut -c 1-10) && [ -n "$$c" ] && { [ -z "$$(git status --porcelain -uno 2>/dev/null)" ] || c=$$c.dirty; echo "$$c"; })
LDFLAGS     := -X wirebench/app/cli.version=$(VERSION) -X wirebench/app/cli.commit=$(COMMIT)
# The version is set above; git's own stamp would make the build fail in a clone that another user owns.
GOBUILD     := go build -buildvcs=false
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
SYSTEM      := $(shell uname -s)
EXE         := $(if $(findstring NT,$(SYSTEM)),.exe,)
FLOOD_MIB   ?= 2048
E2E_FLAGS   ?=

setup-build:
	@sh test/setup.sh build

setup-test:
	@sh test/setup.sh test

build: setup-build
	$(GOBUILD) -tags $(TAGS) -ldflags '$(LDFLAGS)' -o build/wirebench$(EXE) .

run: build
	@sh test/run.sh

# Where setup-test installs the peers that tests talk to, a missing one is a failure and no reason to skip.
ifeq ($(SYSTEM),Linux)
test: export WIREBENCH_NEED_PEERS = 1
endif
test: setup-test
	go vet -tags $(TAGS) ./...
	$(MAKE) race
	$(MAKE) headless
	CGO_ENABLED=0 go test -tags headless ./sessions/... ./app/cli/...
	go test -tags $(TAGS) ./test
ifeq ($(SYSTEM),Linux)
	$(MAKE) e2e
endif

race:
	go test -race -timeout 20m -tags $(TAGS) ./sessions/... ./widgets/... ./app/...

# The end-to-end tests drive the real window on a virtual display, with real peers; they leave pictures in test/out.
e2e: setup-test
	FLOOD_MIB=$(FLOOD_MIB) go test -count=1 -timeout 20m -tags 'e2e $(TAGS)' $(E2E_FLAGS) ./test

headless:
	CGO_ENABLED=0 GOOS=linux GOARCH=amd64 $(GOBUILD) -tags headless -ldflags '$(LDFLAGS)' -o build/headless/linux/wirebench .
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GOBUILD) -tags headless -ldflags '$(LDFLAGS)' -o build/headless/windows/wirebench.exe .
	CGO_ENABLED=0 GOOS=darwin GOARCH=amd64 $(GOBUILD) -tags headless -ldflags '$(LDFLAGS)' -o build/headless/darwin/wirebench .

lint: setup-build
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt: $$unformatted" >&2; exit 1; }
	go vet -tags $(TAGS) ./...
	go vet -tags 'e2e $(TAGS)' ./test/...
	CGO_ENABLED=0 go vet -tags headless . ./app/cli/... ./sessions/...
	$(STATICCHECK) -tags $(TAGS) ./...
	$(STATICCHECK) -tags 'e2e,$(TAGS)' ./test/...

package: export VERSION := $(VERSION)
package: export COMMIT := $(COMMIT)
package: export TAGS := $(TAGS)
package:
	@sh test/setup.sh package
	rm -rf build/packages
ifeq ($(SYSTEM),Darwin)
	assets/package/build.sh macos
else
	assets/package/build.sh linux
	assets/package/build.sh windows
endif
	@ls -l build/packages

package-check:
	@sh test/packages.sh
	@sh test/windows.sh

bench: setup-test
	go run -buildvcs=false -tags $(TAGS) ./test/bench

screenshots: setup-test
	SCREENSHOTS=$(CURDIR)/assets/screenshots go test -count=1 -timeout 10m -tags 'e2e $(TAGS)' -run Pictures ./test
	@ls assets/screenshots/*.png

clean:
	rm -rf build test/out
