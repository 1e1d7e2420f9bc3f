# Everything here needs Go and make, nothing else; the race detector also wants a C compiler.

# The version that `guestlist version` prints; without git, or outside a clone, it is "dev".
VERSION = $(or $(shell git describe --tags --always --dirty 2>/dev/null),dev)

# Go itself says whether cgo, and with it the race detector, can work here.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

# The linters have a module of their own, so that the program's go.mod lists only what it is built from.
TOOL = go tool -modfile=tools/go.mod

# How long each fuzz target runs.
FUZZTIME = 10s

# How often `make crash` kills the program, and what it draws from; 0 is another seed each time.
N = 100
SEED = 0

# How many processes `make scale` takes, one number after the other.
PROCESSES = 1,8,32,100

# What the files in a release are dated, so that the same commit gives the same archives.
COMMITTED = $(or $(shell git log -1 --format=%ct 2>/dev/null),0)

.PHONY: build test lint demo docs dist crash bench scale fuzz clean help

build: ## one static program, ./guestlist
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X guestlist/cli.version=$(VERSION)" -o guestlist .

test: ## vet, then every test under the race detector
	go vet ./...
	@$(if $(RACE),,echo "no C compiler: testing without the race detector" >&2)
	go test $(RACE) ./...

# staticcheck passes a module that it cannot load, so go list looks first.
lint: ## staticcheck and gofumpt, vet for Windows and macOS; fails on any finding
	@go list ./... >/dev/null
	GOOS=windows go vet ./...
	GOOS=darwin go vet ./...
	go -C tools/kubernetes vet .
	$(TOOL) staticcheck ./...
	go -C tools/kubernetes tool -modfile=../go.mod staticcheck .
	@files=$$($(TOOL) gofumpt -l .) || exit 1; test -z "$$files" || { \
		echo "not formatted ($(TOOL) gofumpt -w . mends it):"; echo "$$files"; exit 1; }

demo: build ## import a sample into a sandbox and export it again, into demo-out/
	./guestlist demo

docs: ## man pages into docs/man, completions for bash, zsh, fish and PowerShell into docs/completion
	go run ./docs/generate -o docs

dist: docs ## archives for Linux, macOS and Windows, amd64 and arm64, into dist/, with SHA256SUMS
	go run ./deploy/dist -o dist -version $(VERSION) -time $(COMMITTED)

crash: ## N kills (100) of imports that are gone on with, SEED to draw the same again
	go test -count=1 -timeout=0 -v -run '^TestCrash$$' . -args -crash.kills=$(N) -crash.seed=$(SEED)

bench: ## benchmarks, and how much of the server's limits is used
	go test -run '^$$' -bench . -benchmem ./...
	go test -count=1 -v -run '^(TestAPolicyIsUsed|TestOthersSpend|TestProcessesUseAPolicyTogether|TestProcessesUseALimitTogether)$$' \
		./ratelimit ./budgetredis | grep -E '^ *=== RUN.*/|%'

scale: ## what shared budgets ask of a Redis, by PROCESSES (1,8,32,100); needs redis-server
	go test -count=1 -timeout=0 -v -run '^TestScale$$' ./budgetredis -args -scale -scale.n=$(PROCESSES)

fuzz: ## each fuzz target for FUZZTIME (10s)
	@set -e; packages=$$(go list ./...); for package in $$packages; do \
		listed=$$(go test -list '^Fuzz' $$package); \
		for target in $$(echo "$$listed" | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

clean: ## removes what the targets above and runs beside the samples leave
	rm -rf guestlist demo-out dist docs/man docs/completion
	rm -f samples/*.results.csv* samples/*.plan.csv* samples/*.rejects.csv*

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile
