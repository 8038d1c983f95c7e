"""Pages from templates: everything a person wrote is escaped, a name that is missing is an error."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from chassis.notices.qr import svg_of


def template(file: Path) -> Template:
    """``file`` as a template; ``qr(text) | safe`` in it draws a QR code."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(file.parent))
    environment.globals["qr"] = svg_of
    return environment.get_template(file.name)
