# Everything a person or CI types. `make` alone lists the targets.
.DEFAULT_GOAL := help
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# How long the tests of one package may take: a busy machine needs several times as long as an idle one.
TIMEOUT := 40m

.PHONY: help build demo test race lint fmt generate verify bench bench-cluster latency fuzz simulate findings fetch ci test-cluster services services-down

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-13s %s\n", $$1, $$2}'

build: ## build bin/evenstock
	go build -trimpath -o bin/evenstock ./cmd/evenstock

demo: ## run the whole loop on this machine, with pretend shops and a verdict
	go run ./cmd/evenstock demo

test: ## run every test that needs nothing but this machine
	go test -timeout $(TIMEOUT) ./...

test-cluster: ## run the suites that need real servers: those that EVENSTOCK_TEST_POSTGRES and EVENSTOCK_TEST_KAFKA name, or private ones
	@.ci/services with 'postgres kafka' sh -c 'go test -timeout $(TIMEOUT) ./ledger/postgres/... ./adapters/kafka && go test -timeout $(TIMEOUT) -run OnPostgres ./sync/reconcile && \
		EVENSTOCK_TEST_STAGE=cluster go test -timeout $(TIMEOUT) ./cmd/evenstock'

services: ## start a private Postgres and a Kafka node for tests, in .services
	@.ci/services up

services-down: ## stop them
	@.ci/services down

race: ## run the tests under the race detector (fewer shop hours: the engine has no goroutines)
	go test -race -vet=off -timeout $(TIMEOUT) $$(go list ./... | grep -v /simulator)
	go test -race -vet=off -timeout $(TIMEOUT) ./sync/reconcile/simulator -runs 25

lint: ## vet, staticcheck, formatting
	go vet ./...
	go run $(STATICCHECK) ./...
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }

fmt: ## format
	gofmt -w .

generate: ## write everything anew that tests can write: tables of the README, goldens, scenarios
	@for package in $$(grep -rlF 'flag.Bool("update"' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
		tests=$$(grep -lE 'golden[A-Za-z]*\(|\*update' $$package/*_test.go | xargs grep -hoE '^func Test[A-Za-z0-9_]+' | cut -c6- | paste -sd '|'); \
		go test $$package -run "^($$tests)$$" -update || exit 1; \
	done

verify: generate ## fail if what is generated is not what is committed (or staged)
	@git diff --exit-code
	@new=$$(git ls-files --others --exclude-standard); test -z "$$new" || { echo "not in the repository:"; echo "$$new"; exit 1; }

bench: ## run the benchmarks, each beside its raw ceiling
	go test -run '^$$' -bench . -benchtime 2s ./...

bench-cluster: ## run those of Kafka's client on Apache Kafka, beside kafka-go and watermill-kafka
	@.ci/services with kafka sh -c "go test -run '^$$' -bench Beside -benchtime 7x ./adapters/kafka && cd adapters/kafka/testdata/compare && go run ."

latency: build ## time from a sale to the other counter, against pretend shops; LATENCY="-binary OLD -scenario calm-*" adds to it
	go run ./cmd/latency $(LATENCY) -binary bin/evenstock

fuzz: ## fuzz each target for 20 seconds
	@for target in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
		for name in $$(grep -hoE '^func Fuzz[A-Za-z]+' $$target/*_test.go | cut -c6-); do \
			go test -run '^$$' -fuzz "^$$name$$" -fuzztime 20s -fuzzminimizetime 100x $$target || exit 1; \
		done; \
	done

simulate: ## run the engine's simulator over 20,000 shop hours
	go test ./sync/reconcile/simulator -run TestHours -runs 20000 -timeout 60m -v

findings: ## show what other people's software does against expectation (needs a module proxy)
	@for finding in findings/*.sh; do echo "== $$finding"; $$finding || exit 1; done

fetch: ## fetch the modules that building, testing and linting need
	go mod download
	go run $(STATICCHECK) -version

ci: lint verify test test-cluster race ## what CI runs
