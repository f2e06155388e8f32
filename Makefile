# Wirebench. `make run` and `make test` are all one needs: each installs the system packages it lacks (test/setup.sh).
#
#   make run          build the window and start it (without a display: on a virtual one, ending with a picture)
#   make test         vet, unit tests under the race detector, headless builds, end-to-end tests (Linux)
#   make lint         gofmt, go vet, staticcheck
#   make bench        measure against socat, grep, openssl and bare Go and Fyne programs
#   make screenshots  renew the README's pictures of the window, in assets/screenshots
#   make build        build/wirebench; make headless builds the command line alone, static
#
# FLOOD_MIB=n bounds the flood that the end-to-end test pushes through the window (2048 by default).
# WIREBENCH_RACE=1 make e2e drives a window that is built with the race detector.

.DEFAULT_GOAL := build
.PHONY: build run test race e2e headless lint bench screenshots setup-build setup-test clean

TAGS        := migrated_fynedo
# A source archive has no git history, and a fresh clone no tags.
RELEASE     := $(shell sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)
VERSION     := $(shell git describe --tags --match 'v*' --dirty 2>/dev/null || { h=$$(git rev-parse --short HEAD 2>/dev/null) && echo "$(RELEASE)+$$h" || echo "$(RELEASE)"; })
LDFLAGS     := -X wirebench/app/cli.version=$(VERSION)
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
	go test -race -tags $(TAGS) ./sessions/... ./widgets/... ./app/...

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

bench: setup-test
	go run -buildvcs=false -tags $(TAGS) ./test/bench

screenshots: setup-test
	SCREENSHOTS=$(CURDIR)/assets/screenshots go test -count=1 -timeout 10m -tags 'e2e $(TAGS)' -run Pictures ./test
	@ls assets/screenshots/*.png

clean:
	rm -rf build test/out
