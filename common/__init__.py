"""What every room shares. Standard library and PyYAML only; runs on Python 3.10 and 3.12; imports no room."""
