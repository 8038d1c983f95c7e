"""The demonstration: the 39 projects of the annex and the worked cases, played through the public HTTP surface and compared."""

from deploy.demo.show import Running, against, load, main

__all__ = ["Running", "against", "load", "main"]
