"""Decides what the land of a place is, whether a township statement is needed and whether the one given holds."""
