# `make demo` shows a run on a real cluster, `make test` proves the project. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# The Node guard speaks at every make until it is satisfied.
.DELETE_ON_ERROR:
# npm's own Node comes first: a machine with an older one still runs everything on Node 24.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

JEST := node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@node hack/require-node.mjs

.PHONY: install
install: node_modules/.package-lock.json ## install the dependencies npm pins

.PHONY: build
build: install ## compile
	nest build

.PHONY: images
images: ## build the control plane's and the runner's image and load them into the cluster; AGENT=codex: the Codex CLI's too
	hack/images $(if $(filter codex,$(AGENT)),codex-agent)

.PHONY: demo
demo: install ## run the examples on a real cluster and show what happened; AGENT=codex: with the Codex CLI
	hack/demo/demo

.PHONY: cluster-up cluster-down cluster-status
cluster-up: ## start the local Kubernetes
	hack/cluster/cluster up
cluster-down: ## stop it; nothing of it stays but the built binaries
	hack/cluster/cluster down
cluster-status: ## what runs
	hack/cluster/cluster status

.PHONY: generate
generate: install ## write the CRDs, docs/api.md and the tables of settings and values from their sources
	npm run --silent generate

.PHONY: verify
verify: install ## fail when something generated differs from its source
	hack/verify

.PHONY: lint
lint: install ## style, types, import rules, unused code
	hack/check

.PHONY: unit
unit: install ## the tests that need no server
	$(JEST) --selectProjects unit nest

.PHONY: mutation
mutation: install ## break the code on purpose; fails when no test notices
	node hack/mutation/mutation.ts

# The figures of bench/results are those of the full size: BENCH='--finished 300 --live 60 --idle 10' for a quick look.
BENCH ?= --output bench/results
.PHONY: bench
bench: install ## measure a control plane with 12,000 runs: memory, start, idle and resync
	npm run --silent bundle
	esbuild bench/state/main.ts --bundle --platform=node --packages=external --format=esm --target=node24 \
		--log-level=warning --outfile=.cache/bench/state.mjs
	node .cache/bench/state.mjs $(BENCH)

.PHONY: test
test: install ## everything: checks, unit, API server, real cluster
	hack/test

.PHONY: chaos
chaos: install ## runs under faults, and failovers: SEEDS=50, or SEED=17 to run one again
	hack/chaos
