"""The training academy (CTA): who is enrolled under which e-mail address, and which courses are complete."""
