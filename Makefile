# Each target first sets up what it needs (Python 3.13, uv, the packages of uv.lock) in .venv.

.DEFAULT_GOAL := help
.PHONY: help environment demo up down test check bench docs build deploy

# The architecture of the Lambdas that `make build` and `make deploy` are for: arm64 or x86_64.
ARCHITECTURE ?= arm64

# Without bytecode, sam alone needs three seconds more at each start.
unexport PYTHONDONTWRITEBYTECODE

run := PYTHONPATH=functions:infra .venv/bin/python -m

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

environment:
	@sh infra/local/bootstrap.sh

demo: environment ## everything from nothing, with a shopper's story, until Ctrl-C
	@$(run) local.launcher demo

up: environment ## start the local stack in real time, or at SECONDS_PER_DAY=… for quick days
	@$(run) local.launcher up

down: environment ## stop the local stack
	@$(run) local.launcher down

test: environment ## lint, types, unit, functional, template and end-to-end tests
	@$(run) local.checks all

check: environment ## the quick part of the tests: lint, types, unit
	@$(run) local.checks quick

bench: environment ## measure the budgets, as ratios, on the built artefacts
	@PYTHONPATH=functions:infra:. .venv/bin/python -m tests.bench

docs: environment ## a page for each shipped journey, into docs/journeys
	@$(run) handbook docs/journeys

build: environment ## what `make deploy` uploads, for ARCHITECTURE=arm64 or x86_64
	@$(run) local.build --architecture $(ARCHITECTURE) --into .aws-sam/build

deploy: build ## build, then deploy to your AWS account, asking for each parameter
	@.venv/bin/sam deploy --guided --parameter-overrides Architecture=$(ARCHITECTURE)
