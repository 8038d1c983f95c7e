"""Tells every unit that must be told, once each, and keeps the ledger."""
