"""Accounts: what state they are in, and what people and Support do with them."""
