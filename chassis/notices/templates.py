"""Pages from templates: everything a person wrote is escaped, a name that is missing is an error."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template


def template(file: Path) -> Template:
    return Environment(autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(file.parent)).get_template(file.name)
