"""The sandbox: the embedded default of the outside world (accounts, ticket desk, console, mailbox).

Layers, from the inside out: pure rules (`accounts/state.py`, `console/clock_moves.py`), SQL repositories,
services shared by console and API, HTTP. Nothing here runs in production.
"""
