"""The support console: a person plays HMIS Support, plays the user, moves the clock. No scripts."""
