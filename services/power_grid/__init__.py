"""Decides whether a three-phase transformer may be connected at this site, now."""
