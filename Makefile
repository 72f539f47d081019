PYTHON ?= python3
DATA ?= data
RUN ?= runs/logo-type
MODEL ?= models/$(shell cat models/shipped)
SPLIT ?= bench
OUT ?= runs/evaluation
SEED ?=
ARCH ?= efficientnet-lite0
SECONDS ?= 300
BENCH ?=
VERSIONS ?=
LOGIT_SHIFT ?=
BIN := .venv/bin

# Training frees and takes the same large blocks at every step: keep them, page faults cost a third.
KEEP_MEMORY := MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184

# What is published is never written over; MODEL=models/logo-type/<version> makes a new version.
rules calibrate golden export train: MODEL = $(RUN)/remade

.DEFAULT_GOAL := help
.PHONY: help install run reload check test docs fuzz soak bench bench-pieces bench-tracing dataset folds rules network export calibrate golden evaluate versions behaviour card drift-reference train docker hashes
.NOTPARALLEL:

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: .venv/installed  ## Make .venv with everything: serving, training, tests

run: .venv/installed-serve  ## Install the serving part if needed and serve on port 8000
	$(BIN)/gunicorn

reload:  ## Replace the workers of the running service without losing a request
	$(BIN)/python -m app reload

check: .venv/installed  ## Lint, type-check, check the import contracts and the packages for known flaws
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config .ci/contracts.toml
	$(BIN)/python .ci/audit.py requirements.txt requirements-serve.txt

# Two processes, which must collect the tests in the same order: sets of words have one with a fixed seed.
test: .venv/installed  ## Run all tests
	PYTHONHASHSEED=0 $(BIN)/pytest -n 2 --dist loadfile

docs: .venv/installed  ## Build the pages as a site in runs/site; a warning fails
	$(BIN)/sphinx-build -c docs -W --keep-going -q . runs/site

fuzz: .venv/installed  ## Send 100,000 generated inputs through the upload path; prints what came back
	$(BIN)/pytest tests/app/api/test_fuzzing.py --hypothesis-profile=fuzz --hypothesis-show-statistics

soak: .venv/installed  ## Load a server for SECONDS and report what it holds at the end
	$(BIN)/python -m benchmarks.soak tests/data --seconds $(SECONDS)
	$(BIN)/python -m benchmarks.soak tests/data --seconds $(SECONDS) --disturbed

bench: .venv/installed .venv-bench/installed  ## Measure speed and memory into runs/bench (20 minutes); BENCH="--only latency" and more
	$(BIN)/python -m benchmarks --pictures $(DATA)/images $(BENCH)

bench-pieces: .venv/installed  ## Time the pieces of one classification, each by itself
	$(BIN)/pytest benchmarks/test_pieces.py --benchmark-columns=min,median,iqr,rounds --benchmark-sort=name

bench-tracing: .venv/installed  ## Measure traces by our settings beside VTracer's defaults; writes docs/tracing.md (20 minutes; Debian: butteraugli, potrace)
	$(BIN)/python -m benchmarks.tracing report --data $(DATA)

dataset: .venv/installed  ## Fetch the labelled pictures into DATA; IMAGES=folder takes those it has from there
	$(BIN)/python -m training.labels.fetch --data $(DATA) $(if $(IMAGES),--images $(IMAGES))

folds: .venv/installed  ## Give new pictures of DATA folds that keep look-alikes together
	$(BIN)/python -m training.labels.folds --data $(DATA)

rules: .venv/installed  ## Fit the rules on DATA, into RUN/remade or MODEL
	$(BIN)/python -m training.rules --data $(DATA) --out $(MODEL)

network: .venv/installed  ## Train the network on DATA into RUN (an hour); goes on where it stopped; ARCH=logo-vit RUN=runs/logo-vit: the other one
	$(KEEP_MEMORY) $(BIN)/python -m training.network.train --data $(DATA) --run $(RUN) --architecture $(ARCH) $(if $(SEED),--seed $(SEED))

export: .venv/installed  ## Export the network of RUN in 8-bit integers, as RUN/remade or MODEL
	$(BIN)/python -m training.network.export --data $(DATA) --run $(RUN) --out $(MODEL)

calibrate: .venv/installed  ## Calibrate the network of RUN/remade or MODEL on what it did not see
	$(BIN)/python -m training.calibrate --data $(DATA) --model $(MODEL)

golden: .venv/installed  ## Record the answers of RUN/remade or MODEL for the golden pictures, as the last of its parts
	$(BIN)/python -m training.golden --model $(MODEL) $(if $(LOGIT_SHIFT),--logit-shift $(LOGIT_SHIFT))

evaluate: .venv/installed  ## Measure MODEL on DATA: our dataset, a folder a type, or a CSV; report in OUT
	$(BIN)/python -m training.evaluation.evaluate --data $(DATA) --split $(SPLIT) --model $(MODEL) --out $(OUT) $(if $(VARIANTS),--variants) $(if $(BEHAVIOUR),--behaviour)

versions: .venv/installed  ## Measure all published versions on the same pictures; tables in OUT; VERSIONS="1.4.0 1.5.0" takes some
	$(BIN)/python -m training.evaluation.versions --data $(DATA) --out $(OUT) $(if $(VERSIONS),--versions $(VERSIONS))

behaviour: .venv/installed  ## Measure MODEL on drawn pictures, kind by kind; table in OUT
	$(BIN)/python -m training.behaviour --fonts $(DATA)/packages --model $(MODEL) --out $(OUT)

card: .venv/installed  ## Write the card of MODEL from the metrics in OUT
	$(BIN)/python -m training.evaluation.card --model $(MODEL) --metrics $(OUT)/metrics.json

drift-reference: .venv/installed  ## Write what MODEL was measured on as rules of Prometheus
	$(BIN)/python -m training.evaluation.drift_reference --model $(MODEL) --out deploy/prometheus/rules/drift-reference.yml

train: dataset rules network export calibrate golden  ## Remake the model from public sources, all steps
	$(MAKE) evaluate card VARIANTS=1 BEHAVIOUR=1 MODEL=$(MODEL)

docker:  ## Build the image
	docker build -t logo-classifier .

hashes: .venv/installed  ## Write the hashes of what requirements-serve.txt names, for the image
	CUSTOM_COMPILE_COMMAND="make hashes" $(BIN)/pip-compile --quiet --generate-hashes --no-annotate --strip-extras \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
		--output-file deploy/requirements-serve.hashed.txt requirements-serve.txt

.venv/installed-serve: requirements-serve.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make $@ PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -r requirements-serve.txt
	touch $@

.venv/installed: requirements.txt .venv/installed-serve
	$(BIN)/pip install -r requirements.txt
	touch $@

.venv-bench/installed: benchmarks/requirements.txt requirements-serve.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install -r benchmarks/requirements.txt
	touch $@
