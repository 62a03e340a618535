"""The mailbox: every mail that the sandbox would send, kept to be read in the console."""
