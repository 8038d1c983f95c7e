"""What can go wrong when someone is told."""


class AddressNotAllowedError(Exception):
    """The address is not on the public internet, and the operator has not allowed private ones."""


class ChannelNotAllowedError(Exception):
    """The channel cannot be used as this system is set up. ``zh`` and ``en`` say what to do."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.code = code
        self.zh = zh
        self.en = en
