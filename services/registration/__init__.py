"""Decides whether a filing may be registered: accept, accept with flags, hold, refuse."""
