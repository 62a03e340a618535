"""The public side: help page, chat API, inner door. Nothing else of the system listens to the outside."""
