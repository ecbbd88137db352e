# Every task of the project. `make` prints the list.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
GO          ?= go
ITEMS       ?= 100000
FUZZTIME    ?= 30s
ROUNDS      ?= 5
BENCHSTAT   := v0.0.0-20260908200009-22c9c6c9d4da
STEPS       := $(patsubst lambdas/%/main.go,%,$(wildcard lambdas/*/main.go))
NIGHTSTAR   := build/local/nightstar
CFN_LINT    := $(or $(shell command -v cfn-lint),build/cfn-lint/bin/cfn-lint)
CDK          = .ci/node_modules/.bin/cdk --no-notices --context env=$(ENV)

# Node's end of life is for those who choose it, not for every synth.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z\/-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: local ## Load sample data, run the night on this machine, print the growth report
	$(NIGHTSTAR) demo --items $(ITEMS)

# Nights mostly wait, so two packages are tested at a time on each processor.
PACKAGES_AT_A_TIME = $(shell expr 2 '*' $$(getconf _NPROCESSORS_ONLN))

.PHONY: test
test: .ci/node_modules ## Run every test
	$(GO) vet ./...
	$(GO) test -p $(PACKAGES_AT_A_TIME) -timeout 20m -shuffle=on ./...

# Packages whose code, not only whose tests, starts goroutines.
CONCURRENT = $(shell grep -rlE '\bgo func|\.Go\b' --include='*.go' --exclude='*_test.go' --exclude-dir=testdata pkg lambdas | xargs -n1 dirname | sort -u | sed 's|^|./|')

.PHONY: test/race
test/race: .ci/node_modules ## Run the tests of every package that starts goroutines under the race detector
	$(GO) test -race -timeout 20m $(CONCURRENT)

.PHONY: ci
ci: ## Run what continuous integration runs
	.ci/run

.PHONY: test/faults
test/faults: RUNS := 500
test/faults: ## Disturb RUNS (500) nights by seed and prove what is left
	FAULTS_RUNS=$(RUNS) $(GO) test -count=1 -timeout 60m -v ./pkg/local/faults

.PHONY: test/models
test/models: SEEDS := 2000
test/models: FROM := 0
test/models: ## Compare the stars of SEEDS (2000) random models, from seed FROM (0) on, with plain Go
	STARTEST_SEEDS=$(SEEDS) STARTEST_FROM=$(FROM) $(GO) test -count=1 -timeout 0 -run TestModels ./pkg/star/startest

.PHONY: test/histories
test/histories: SEEDS := 1000
test/histories: FROM := 0
test/histories: WINDOWS := 5
test/histories: ## Change SEEDS (1000) random tables in WINDOWS (5) increments each, and compare the stars with full loads in plain Go
	STARTEST_SEEDS=$(SEEDS) STARTEST_FROM=$(FROM) STARTEST_WINDOWS=$(WINDOWS) $(GO) test -count=1 -timeout 0 -run TestHistories ./pkg/star/startest

.PHONY: test/inferred
test/inferred: ITEMS := 1000
test/inferred: DESIGNS := all
test/inferred: ## Infer models of generated DESIGNS (all) of ITEMS (1000) items, run each, and compare facts with the export
	$(GO) test -count=1 -timeout 60m -run TestInferred_loads ./pkg/cmd/nightstar -inferred '$(DESIGNS)' -inferred-items $(ITEMS)

.PHONY: local
local: ## Build the command and the Lambdas for this machine
	@mkdir -p build/local/lambdas
	$(GO) build -pgo off -trimpath -tags lambda.norpc -ldflags '-s -w' -o build/local/lambdas/ ./lambdas/...
	$(GO) build -o $(NIGHTSTAR) ./pkg/cmd/nightstar

.PHONY: build
build: $(STEPS:%=build/%/bootstrap) ## Build every Lambda for AWS (linux/arm64)

# The same code gives the same bytes in every folder and at every commit, so a
# deployment updates only the functions whose code changed.
build/%/bootstrap: FORCE
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 \
		$(GO) build -buildvcs=false -trimpath -tags lambda.norpc -ldflags '-s -w' -o $@ ./lambdas/$*

.PHONY: synth
synth: environment build .ci/node_modules ## Render the template of ENV (dev or prod) into cdk.out
	@$(CDK) synth --quiet

.PHONY: diff
diff: account build .ci/node_modules ## Show what deploying ENV would change, and what its next run would in the warehouse
	@$(CDK) diff
	@$(GO) build -o $(NIGHTSTAR) ./pkg/cmd/nightstar
	@node .ci/plan.mjs '$(ENV)' $(NIGHTSTAR)

.PHONY: deploy
deploy: account build .ci/node_modules ## Deploy ENV to the account of the AWS credentials; YES=1 asks nothing
	@$(CDK) deploy $(if $(YES),--require-approval never)

.PHONY: destroy
destroy: account build .ci/node_modules ## Remove ENV from the account of the AWS credentials; YES=1 asks nothing
	@$(CDK) destroy $(if $(YES),--force)

.PHONY: start
start: account ## Start a run in ENV
	@region="$$(node .ci/stack.mjs '$(ENV)' region)"; \
	aws stepfunctions start-execution $$region --state-machine-arn "$$(aws cloudformation describe-stacks $$region \
		--stack-name "$$(node .ci/stack.mjs '$(ENV)')" \
		--query 'Stacks[0].Outputs[?OutputKey==`StateMachineArn`].OutputValue' --output text)"

# A wrong ENV is refused before anything is built.
.PHONY: environment
environment:
	@node .ci/stack.mjs '$(ENV)' >/dev/null

# So are credentials of another account than the one that cdk.json pins.
.PHONY: account
account: environment
	@node .ci/stack.mjs '$(ENV)' account

.PHONY: generate
generate: ## Write the state machine, the SQL of the store, its picture, and the JSON Schema of model files
	$(GO) test ./statemachine -run Definition_isGenerated -update
	$(GO) test ./pkg/star -run Scripts_areTheFiles -update
	$(GO) test ./pkg/model -run JSONSchema_isCommitted -update
	$(GO) test ./pkg/report -run Picture_isTheStar -update

.PHONY: verify
verify: generate ## Fail if generated files or go.mod are out of date
	$(GO) mod tidy
	git diff --exit-code -- statemachine sql pkg/model pkg/report/picture go.mod go.sum

.PHONY: fmt
fmt: ## Format all Go files
	gofmt -w infra lambdas pkg sql statemachine

.PHONY: lint
lint: ## Run the linters of .golangci.yml
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2 run ./...

.PHONY: lint/templates
lint/templates: .ci/node_modules $(CFN_LINT) ## Run cfn-lint on the template of every kind of environment
	rm -rf build/templates && mkdir -p build/templates
	$(GO) test ./infra -count=1 -run '^TestKinds$$' -templates "$$PWD/build/templates"
	$(CFN_LINT) --ignore-checks W3005 -- build/templates/*.template.json # the CDK says dependencies twice

build/cfn-lint/bin/cfn-lint:
	python3 -m venv build/cfn-lint
	build/cfn-lint/bin/pip install --quiet cfn-lint==1.51.0

.PHONY: vulncheck
vulncheck: ## Look our dependencies up in Go's vulnerability database, which takes the network
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

.PHONY: bench
bench: ITEMS := 150000
bench: ## Compare the hot path with other tools on ITEMS (150000) items, in ROUNDS (5)
	$(GO) build -pgo lambdas/partition/default.pgo -o build/local/nightbench ./pkg/cmd/nightbench
	build/local/nightbench -items $(ITEMS) -rounds $(ROUNDS)

.PHONY: bench/infer
bench/infer: ITEMS := 20000
bench/infer: ## Measure inferred models against designs of ITEMS (20000) items whose truth is known; prints each miss
	$(GO) test -count=1 -v -run TestBenchmark -timeout 60m ./pkg/infer -items $(ITEMS) | sed -n 's/^ *benchmark_test.go:[0-9]*: //p'

.PHONY: bench/warehouse
bench/warehouse: ITEMS := 150000
bench/warehouse: ## Compare the warehouse's SQL with bare SQL on ITEMS (150000) items, in ROUNDS (5)
	$(GO) build -o build/local/warehousebench ./pkg/cmd/nightbench/warehouse
	build/local/warehousebench -items $(ITEMS) -rounds $(ROUNDS)

# The binaries of both are run in turn, because a shared machine drifts.
.PHONY: bench/compare
bench/compare: BASE ?= HEAD
bench/compare: ## Compare the stages of the hot path with those of the commit BASE (HEAD), by benchstat
	rm -rf build/base && mkdir -p build/base && git archive $(BASE) | tar -x -C build/base
	cd build/base && $(GO) test -c -trimpath -pgo "$$PWD/lambdas/partition/default.pgo" -o bench ./pkg/cmd/nightbench
	$(GO) test -c -trimpath -pgo "$$PWD/lambdas/partition/default.pgo" -o build/base/bench-now ./pkg/cmd/nightbench
	cd build/base && for round in $$(seq $(ROUNDS)); do \
		./bench -test.run '^$$' -test.bench Stages -test.cpu 1 >>before.txt; \
		./bench-now -test.run '^$$' -test.bench Stages -test.cpu 1 >>now.txt; \
	done
	cd build/base && $(GO) run golang.org/x/perf/cmd/benchstat@$(BENCHSTAT) before.txt now.txt

# Builds for AWS follow the profile; builds for this machine do without, because
# they would compile every dependency once more.
.PHONY: profile
profile: lambdas/partition/default.pgo ## Measure the hot path for the compiler, after changes to it
lambdas/partition/default.pgo: FORCE
	@mkdir -p build/profile
	$(GO) test -trimpath -run '^$$' -bench Stages/partition -benchtime 60x -cpu 1 \
		-o build/profile/bench -cpuprofile build/profile/cpu ./pkg/cmd/nightbench
	$(GO) tool pprof -proto -focus Splitter build/profile/bench build/profile/cpu >$@

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (30s)
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$package; \
		done; \
	done

.PHONY: clean
clean: ## Remove what was built and the local data
	rm -rf build .nightstar .ci/node_modules

# The tests' validators and PostgreSQL's binaries, at the versions of the lock file.
.ci/node_modules: .ci/package-lock.json
	npm ci --prefix .ci --no-audit --no-fund
	@touch $@

.PHONY: FORCE
FORCE:
