"""The token of a clearance: a signed promise for one site at one epoch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from chassis import keyfile
from services.power_grid.domain import Clearance, SiteKey, TokenClaims

ALGORITHM = "HS256"
KEY_FILE = "power_grid_clearance.jwk"
KEY_BITS = 256


class ClearanceTokens:
    """Signs and reads tokens with the key in ``file``, made on first use, readable by its owner only. All replicas need the same."""

    def __init__(self, file: Path, valid_for: timedelta) -> None:
        self._key = _key_of(file)
        self._valid_for = valid_for

    def expires_at(self, clearance: Clearance) -> datetime:
        """Until when an allowed clearance may be committed; whole seconds, as the token has them."""
        return (clearance.decided_at + self._valid_for).replace(microsecond=0)

    def token(self, clearance: Clearance) -> str | None:
        """The token of an allowed clearance, None for any other."""
        if not clearance.allowed or clearance.site is None:
            return None
        claims = {
            "clearance_id": clearance.clearance_id,
            "site": list(clearance.site),
            "epoch": clearance.site_epoch,
            "exp": int(self.expires_at(clearance).timestamp()),
        }
        return jwt.encode({"alg": ALGORITHM, "typ": "JWT"}, claims, self._key, algorithms=[ALGORITHM])

    def claims(self, token: str | None) -> TokenClaims | None:
        """What a token says; None for one that is not ours. Its end is for the caller to compare, with the system's clock."""
        if token is None:
            return None
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            parcel_code, unit_number = claims["site"]
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
            return TokenClaims(str(claims["clearance_id"]), SiteKey(parcel_code, unit_number), int(claims["epoch"]), expires_at)
        except (JoseError, KeyError, TypeError, ValueError):
            return None


def _key_of(path: Path) -> OctKey:
    return OctKey.import_key(keyfile.kept(path, lambda: OctKey.generate_key(KEY_BITS).as_dict(private=True)))
