"""How fast: measured on the machine it runs on, printed, never asserted."""
