"""What the assistant does beyond talking: tickets, accounts, and promises kept later."""
