"""`make bench`: this assistant and a stock `rasa init` bot, side by side, in one run on one machine."""
