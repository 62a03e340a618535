"""What `make` calls. Runs in .venv/app, apart from setup.sh, which makes that environment."""
