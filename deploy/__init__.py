"""Where it runs: the only code that may name two services."""
