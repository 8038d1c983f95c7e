"""How messages are carried: the chassis of every service. No business word in it; it imports nothing of ours but the envelope.

Rules in it come in two kinds: what a service may rely on (README.md, one test each) and what a database or a bus must give
(``dialects.py``, ``bus/__init__.py``). Only ``clock.py`` reads the time, only ``writer.py`` commits.
"""
