# brentwatch: `make demo` and `make test` do all the set-up they need on a machine with Python >= 3.11 and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo live test quick check docs first-minutes mutate bench feeds soak chaos fuzz attack calibration pooled targets intraday record fits picture gallery settings metrics dashboards previews lock licences release-check clean help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(READY) ## an alert, a quiet week and the cost of false alarms: no Kafka, no network beyond the package index
	@$(BIN)/brentwatch demo

live: $(READY) ## Kafka, the services and an alert on this machine, until Ctrl-C; needs Java 17 and Maven
	@$(BIN)/python -W ignore -m tools.live

test: $(READY) ## every test; those on a real Kafka broker need Java 17 and Maven, or KAFKA_BOOTSTRAP
	$(BIN)/pytest -n 2 --dist worksteal

quick: $(READY) ## the tests that need no broker and no long statistics; leaves out those marked kafka or slow
	$(BIN)/pytest -q -n 2 --dist worksteal -m "not kafka and not slow"
	@echo "left out: tests on a broker and slow ones; make test runs every test"

check: $(READY) ## lint, types, layers, shape
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/shape.py

docs: $(READY) ## build the documentation site into .cache/docs; a warning or a broken link is an error
	$(BIN)/sphinx-build -q -W -n --keep-going -c docs -d .cache/doctrees -b html . .cache/docs
	@echo "open .cache/docs/index.html"

first-minutes: $(READY) ## play the first five minutes of a trader, a quant and an operator in a fresh clone
	$(BIN)/python -W ignore -m tools.first_minutes

bench: $(READY) ## speed, memory and the size of an install, as ratios or against a limit
	$(BIN)/python -W ignore::DeprecationWarning:kafka -m benchmarks

feeds: $(READY) ## how often the feed of GDELT is right, by a file of labelled reports, LABELS=FILE; 1 where a target is missed
	$(BIN)/python -m benchmarks.feed_labels $(LABELS)

soak: $(READY) ## a million events through one monitor on a real broker: its memory stays flat
	$(BIN)/python -W ignore -m benchmarks.stream soak

chaos: $(READY) ## kill, pause and restart replicas and a real broker under load: nothing is lost, doubled or different
	@mkdir -p .cache
	$(BIN)/python -W ignore -m tests.kafka.chaos $(if $(SEED),--seed $(SEED)) --out .cache/chaos.json

fuzz: $(READY) ## mutated inputs through every decoder and reader, MINUTES=10 SEED=1: each gives a value or an error of its own
	$(BIN)/python -W ignore -m tests.fuzz $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

attack: $(READY) ## attack the services as a hostile producer, server, folder or client would, on 127.0.0.1 only
	BRENTWATCH_LONG=1 $(BIN)/pytest -m attack

mutate: $(READY) ## change the code in 60 small ways, SEED=11, and say which changes no test notices; half an hour
	$(BIN)/python tools/mutate.py $(if $(SEED),--seed $(SEED))

calibration: $(READY) ## test every bundled session and rewrite the record of how often each model is wrong
	$(BIN)/python -m benchmarks.calibration
	$(BIN)/python -m benchmarks.level_record
	$(BIN)/python -m benchmarks.heads_up_record
	$(BIN)/python -m benchmarks.analogues

pooled: $(READY) ## how often the pooled test of a list of events is wrong, and what it finds; some minutes
	$(BIN)/python -m benchmarks.pooled_record

targets: $(READY) ## the targets of calibration on three long series: each kept or BROKEN
	$(BIN)/python -m benchmarks.calibration_targets

intraday: $(READY) ## test 41,600 made-up sessions and rewrite the record of the intraday test; some minutes
	$(BIN)/python -m benchmarks.intraday_calibration

record: $(READY) ## score every session of the bundled prices and rewrite docs/record.md
	$(BIN)/python -m benchmarks.scored_record

fits: $(READY) ## fit every month of the bundled prices again, which takes the fitting out of a replay
	$(BIN)/python -m benchmarks.fits

picture: $(READY) ## draw the first picture of the README again
	$(BIN)/brentwatch chart abqaiq-2019:2019-09-16 kazakhstan-2022:2022-01-05 --out docs/abqaiq-beside-kazakhstan.svg

gallery: $(READY) ## draw docs/gallery, or PARTS="channels report" of it; ten minutes, Chromium, a broker and Prometheus
	$(BIN)/python -W ignore -m tools.gallery $(PARTS)

settings: $(READY) ## rewrite docs/settings.md from the settings models
	$(BIN)/python tools/settings_page.py

metrics: $(READY) ## write docs/metrics.md from the table of metrics
	$(BIN)/python tools/metrics_page.py

dashboards: $(READY) ## write deploy/grafana/dashboards from services/brentwatch/dashboards, and check it
	$(BIN)/brentwatch dashboards build
	$(BIN)/brentwatch dashboards check

previews: $(READY) ## draw the dashboards of docs/gallery from a real run; five minutes, a broker and Prometheus
	$(BIN)/python -W ignore -m tools.gallery dashboards

lock: $(READY) ## resolve the versions again, into requirements.lock and requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml --all-extras --group dev -o requirements-dev.lock

licences: $(READY) ## write deploy/THIRD-PARTY.md, the licence of every locked package
	$(BIN)/python -m tools.release.third_party

release-check: $(READY) ## build, install and test the last commit as a release would be, PYTHONS="python3.12 …"; an hour
	$(BIN)/python -m tools.release $(if $(PYTHONS),--pythons "$(PYTHONS)") $(PARTS)

clean: ## forget the environment and every cache
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The environment holds exactly the locked versions, by hash; the project itself is installed editable on top.
$(READY): pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "brentwatch: $$($(PYTHON) --version) found; expected Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "setting up $(VENV) (once, a minute or two) …" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
