"""What came of conversations: `make report`. Reads the two records of counts, never a conversation.

docs/report.md defines every figure.
"""
