"""Tokens of a real issuer over HTTP: which are believed, what rotation and absence of the issuer change, and what a storm costs it."""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis import issuer_keys
from chassis.auth import Gatekeeper, Principal
from chassis.clock import FixedClock, SystemClock
from chassis.errors import TemporaryError
from chassis.oidc import CACHE_FILE, OidcSettings, OidcVerifier
from chassis.problems import Problem
from chassis.settings import BadSettingsError, ServiceSettings, read
from chassis.testing import eventually
from chassis.tokens import DEVELOPMENT_ISSUER, DevelopmentIssuer, ExpiredTokenError, InvalidTokenError, NotForProductionError
from tests.chassis.issuers import MADE, Issuer, a_key


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture
async def verifier(issuer: Issuer, tmp_path: Path) -> AsyncIterator[OidcVerifier]:
    verifier = made(issuer, tmp_path)
    yield verifier
    await verifier.close()


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_keys, "LEAST_PAUSE", 0.0)


def made(issuer: Issuer, data: Path, clock: Any = None, **over: Any) -> OidcVerifier:
    return OidcVerifier(OidcSettings(issuer=issuer.url, allow_http=True, **over), data, clock)


@pytest.mark.parametrize("algorithm", MADE)
async def test_a_token_signed_by_the_issuer_says_who_calls(algorithm: str, tmp_path: Path) -> None:
    with Issuer() as issuer:
        issuer.algorithm = algorithm
        issuer.rotate("of-this-kind")
        verifier = made(issuer, tmp_path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library warns about the name EdDSA when it signs
            token = issuer.token()

        principal = await Gatekeeper(verifier).principal(f"Bearer {token}")
        await verifier.close()

    assert principal == Principal("u-1", "张三", frozenset({"clerk"}), frozenset({"330282112"}), "AMR")


WRONG: dict[str, dict[str, Any]] = {
    "for someone else": {"aud": "elsewhere"},
    "for several, not for us": {"aud": ["a", "b"]},
    "for nobody": {"aud": None},
    "of another issuer": {"iss": "http://127.0.0.1:1"},
    "of no issuer": {"iss": None},
    "of nobody": {"sub": None},
    "without end": {"exp": None},
    "with an end that is no time": {"exp": "tomorrow"},
    "not yet valid": {"nbf": int(SystemClock().now().timestamp()) + 3600},
    "issued in the future": {"iat": int(SystemClock().now().timestamp()) + 3600},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_token_that_does_not_hold_is_refused(issuer: Issuer, verifier: OidcVerifier, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidTokenError):
        await verifier.claims(issuer.token(**wrong))


async def test_forgeries_are_refused_without_asking_the_issuer(issuer: Issuer, verifier: OidcVerifier) -> None:
    for forged in (issuer.unsigned(), issuer.signed_with_the_public_key(), "a.b.c", "a.b", "", "." * 5, "~~~.~~~.~~~"):
        with pytest.raises(InvalidTokenError):
            await verifier.claims(forged)

    assert issuer.asked == {}


async def test_a_known_name_with_another_key_is_refused(issuer: Issuer, verifier: OidcVerifier) -> None:
    with pytest.raises(InvalidTokenError):
        await verifier.claims(issuer.token(key=a_key("ES256", "first")))


async def test_clocks_may_differ_a_little(issuer: Issuer, verifier: OidcVerifier) -> None:
    now = int(SystemClock().now().timestamp())

    assert await verifier.claims(issuer.token(exp=now - 20, nbf=now + 20))
    with pytest.raises(ExpiredTokenError):
        await verifier.claims(issuer.token(exp=now - 120))


async def test_who_comes_with_an_expired_token_is_told_to_get_a_new_one(issuer: Issuer, verifier: OidcVerifier) -> None:
    with pytest.raises(Problem, match="401") as refused:
        await Gatekeeper(verifier).principal(f"Bearer {issuer.token(exp=1_000_000)}")

    assert "get a new one" in str(refused.value.body())


async def test_claims_may_have_other_names(issuer: Issuer, tmp_path: Path) -> None:
    names = {"roles_claim": "realm_access.roles", "townships_claim": "https://example.org/towns", "unit_claim": "department"}
    verifier = made(issuer, tmp_path, **names)

    towns: dict[str, Any] = {"https://example.org/towns": "330282112 330282123"}
    token = issuer.token(realm_access={"roles": ["grid"]}, department="PSC", **towns)
    claims = await verifier.claims(token)
    await verifier.close()

    assert (claims["roles"], claims["townships"], claims["unit"]) == (["grid"], ["330282112", "330282123"], "PSC")


@pytest.mark.usefixtures("no_pause")
async def test_a_new_key_is_fetched_when_a_token_names_it_and_an_old_one_ends(issuer: Issuer, verifier: OidcVerifier) -> None:
    before = issuer.token()
    await verifier.claims(before)

    issuer.rotate("second", keep=False)

    assert (await verifier.claims(issuer.token()))["sub"] == "u-1"
    with pytest.raises(InvalidTokenError):
        await verifier.claims(before)


async def test_a_storm_of_unknown_keys_does_not_reach_the_issuer(issuer: Issuer, verifier: OidcVerifier) -> None:
    storm = [issuer.token(key=a_key("ES256", f"made-up-{number}")) for number in range(200)]

    refused = await asyncio.gather(*(verifier.claims(token) for token in storm), return_exceptions=True)

    assert all(isinstance(each, InvalidTokenError) for each in refused)
    assert issuer.asked["/keys"] == 1
    assert await verifier.claims(issuer.token())


async def test_the_loop_goes_on_while_keys_are_fetched(issuer: Issuer, verifier: OidcVerifier) -> None:
    issuer.delay = 0.3
    asking = asyncio.create_task(_claims(verifier, issuer.token()))
    longest, last = 0.0, time.monotonic()
    while not asking.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()

    assert (await asking)["sub"] == "u-1"
    assert longest < 0.2


async def test_an_issuer_that_is_away_at_the_start_is_found_later(issuer: Issuer, tmp_path: Path, no_pause: None) -> None:
    issuer.stop()
    verifier = made(issuer, tmp_path, keys_refresh=0.05)
    await verifier.start()

    with pytest.raises(TemporaryError):
        await verifier.claims(issuer.token())
    assert verifier.trouble() is not None
    issuer.run()

    assert await eventually(lambda: verifier.trouble() is None)
    assert await verifier.claims(issuer.token())
    await verifier.close()


async def test_while_the_issuer_is_away_its_known_keys_count_on_and_unknown_ones_wait(
    issuer: Issuer, tmp_path: Path, no_pause: None
) -> None:
    first = made(issuer, tmp_path)
    await first.start()
    await first.close()
    issuer.stop()

    restarted = made(issuer, tmp_path)
    await restarted.start()

    assert (await restarted.claims(issuer.token()))["sub"] == "u-1"
    with pytest.raises(TemporaryError):
        await restarted.claims(issuer.token(key=a_key("ES256", "new")))
    assert restarted.trouble() is None
    await restarted.close()


async def test_a_copy_that_is_too_old_counts_no_more(issuer: Issuer, tmp_path: Path, no_pause: None) -> None:
    clock = FixedClock(SystemClock().now())
    verifier = made(issuer, tmp_path, clock, keys_max_age=3600)
    await verifier.claims(issuer.token())
    issuer.stop()

    clock.advance(timedelta(minutes=59))
    token = issuer.token(exp=int(clock.now().timestamp()) + 7200)
    assert await verifier.claims(token)
    clock.advance(timedelta(minutes=2))

    with pytest.raises(TemporaryError):
        await verifier.claims(token)
    await verifier.close()


async def test_the_copy_of_another_issuer_is_not_taken(issuer: Issuer, tmp_path: Path) -> None:
    verifier = made(issuer, tmp_path)
    await verifier.start()
    await verifier.close()
    assert b"first" in await asyncio.to_thread((tmp_path / CACHE_FILE).read_bytes)
    issuer.stop()
    other = OidcVerifier(OidcSettings(issuer="http://127.0.0.1:1", allow_http=True), tmp_path)
    await other.start()

    assert other.trouble() is not None
    await other.close()


@pytest.mark.usefixtures("no_pause")
async def test_only_a_document_of_the_same_issuer_over_https_is_believed(issuer: Issuer, tmp_path: Path) -> None:
    issuer.says = "https://issuer.example.org"
    plain = OidcVerifier(OidcSettings(issuer=issuer.url), tmp_path)
    for verifier, why in ((made(issuer, tmp_path), "of another issuer"), (plain, "over https only")):
        with pytest.raises(TemporaryError, match=why):
            await verifier.claims(issuer.token())
        await verifier.close()


async def test_keys_for_other_purposes_are_passed_over(issuer: Issuer, verifier: OidcVerifier) -> None:
    oddities = [{"kty": "oct", "k": "c2VjcmV0", "kid": "first"}, {"kty": "quantum", "kid": "q"}, {"kty": "RSA"}, 7]
    encrypting = a_key("RS256", "enc").as_dict(private=False) | {"use": "enc"}
    issuer.published = [*issuer.published, encrypting, *oddities]  # type: ignore[list-item]

    assert await verifier.claims(issuer.token())
    with pytest.raises(InvalidTokenError):
        await verifier.claims(issuer.token(kid="enc"))


async def test_a_token_is_verified_anew_after_a_while(issuer: Issuer, tmp_path: Path, no_pause: None) -> None:
    class Later(Gatekeeper):
        seconds = 0.0

        def _seconds(self) -> float:
            return super()._seconds() + self.seconds

    verifier = made(issuer, tmp_path, keys_refresh=0.05)
    await verifier.start()
    gatekeeper = Later(verifier)
    header = f"Bearer {issuer.token()}"
    await gatekeeper.principal(header)
    issuer.rotate("second", keep=False)
    asked = issuer.asked["/keys"]
    await eventually(lambda: issuer.asked["/keys"] > asked + 1)

    assert await gatekeeper.principal(header)
    gatekeeper.seconds = 301
    with pytest.raises(Problem, match="401"):
        await gatekeeper.principal(header)
    await verifier.close()


def test_the_development_issuer_refuses_the_distributed_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServiceSettings(data=tmp_path, database="postgresql+psycopg://db/{service}")
    with pytest.raises(NotForProductionError, match="does not start in distributed mode"):
        DevelopmentIssuer.embedded(settings)

    monkeypatch.setenv("SLUICEGATE_OIDC_ISSUER", DEVELOPMENT_ISSUER)
    with pytest.raises(BadSettingsError, match="SLUICEGATE_OIDC_ISSUER"):
        read(OidcSettings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("algorithms", ['["none"]', '["HS256"]', "[]"])
def test_algorithms_that_prove_nothing_cannot_be_allowed(algorithms: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_OIDC_ALGORITHMS", algorithms)
    with pytest.raises(BadSettingsError, match="SLUICEGATE_OIDC_ALGORITHMS"):
        read(OidcSettings)


async def _claims(verifier: OidcVerifier, token: str) -> dict[str, Any]:
    return dict(await verifier.claims(token))
