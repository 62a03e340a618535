"""Language understanding: sentence encoder, intent model, fact spotting. Pure cores with thin Rasa edges."""
