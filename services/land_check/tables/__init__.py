"""Rows of land_check and the queries on them. Days are ISO dates, times RFC 3339 text in UTC, both ordered as text."""
