"""What can go wrong when someone is told, and when someone asks about it."""

from __future__ import annotations

from chassis.problems import Problem


class AddressNotAllowedError(Exception):
    """The address is not on the public internet, and the operator has not allowed private ones."""


class ChannelNotAllowedError(Exception):
    """The channel cannot be used as this system is set up. ``zh`` and ``en`` say what to do."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.code = code
        self.zh = zh
        self.en = en


def endpoint_not_found() -> Problem:
    return Problem(404, "endpoint-not-found", "没有这个接收端", "there is no such endpoint")


def delivery_not_found() -> Problem:
    return Problem(404, "delivery-not-found", "没有这条送达记录", "there is no such delivery")


def digest_not_found() -> Problem:
    return Problem(404, "digest-not-found", "没有这份周报", "there is no such digest")
