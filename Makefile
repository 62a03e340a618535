# `make help` lists what there is. Everything works from a fresh checkout; nothing is installed outside it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
APP := .venv/app/bin/python
BOT := .venv/bot/bin/python
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3

.PHONY: help setup run stop status stop-one start-one logs check check-links test train eval bench report diagrams lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

# makes both Python environments from the lock files; all others do this first
setup:
	@scripts/setup.sh

run: setup ## start everything on PORT (8080); Ctrl-C stops it all
	@exec $(APP) -m scripts.run

stop: setup ## end the run that goes on elsewhere
	@$(APP) -m scripts.control stop

status: setup ## what is running
	@$(APP) -m scripts.control status

stop-one: setup ## stop one program of the run: P=backend|actions|worker|assistant|gateway
	@$(APP) -m scripts.control stop-one "$(P)"

start-one: setup ## start it again: P=backend|actions|worker|assistant|gateway
	@$(APP) -m scripts.control start-one "$(P)"

logs: setup ## follow the logs, of all programs or of P=…
	@$(APP) -m scripts.control logs "$(P)"

check: setup ## the fast gate: format, lint, types, flows and data, quick tests
	@$(APP) -m scripts.check

test: setup ## everything: check, all suites, conversations, browser
	@$(APP) -m scripts.test

train: setup ## train the model if anything changed since the last one
	@$(BOT) -m bot.train

eval: setup ## measure how well it understands people; saves var/eval/eval.html
	@$(BOT) -m bot.evaluation

bench: setup ## measure against a stock Rasa bot, side by side
	@$(APP) -m bench

check-links: setup ## does every address of policy.yml still lead somewhere? (asks the network)
	@$(APP) -m scripts.check_links

report: setup ## what came of conversations: figures, and where their page is; FROM=day TO=day
	@$(APP) -m report --from="$(FROM)" --to="$(TO)"

diagrams: setup ## draw the flows into docs/diagrams
	@$(BOT) -m bot.flows.diagram flows domain.yml docs/diagrams

lock: setup ## compile the lock files anew (UPGRADE=1 takes newer releases)
	@scripts/lock.sh
