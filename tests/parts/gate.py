"""A gate before a database server: shut at first, it can be opened, and it can cut connections, at the very COMMIT if asked.

It looks for the word in what passes: enough for tests, and no knowledge of the protocol.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from sqlalchemy.engine import make_url

from tests.parts.postgresql import free_port

COMMIT = b"COMMIT"


class Gate:
    """On a port of its own before the server of ``url``. ``cuts`` counts the connections that were cut at their COMMIT."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self.port = free_port()
        self.cuts = 0
        self._wanted = 0
        self._listener: socket.socket | None = None
        self._ends: list[socket.socket] = []

    def address(self, database: str | None = None) -> str:
        """The URL of a database through the gate."""
        url = self._url.set(host="127.0.0.1", port=self.port, database=database or self._url.database)
        return url.render_as_string(hide_password=False)

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut_at_commit(self, times: int) -> None:
        """The next ``times`` connections that say COMMIT are cut: the server gets it, the client never hears what became of it."""
        self._wanted = times

    def cut(self) -> None:
        """Cut every connection there is, as a network does."""
        while self._ends:
            _shut(self._ends.pop())

    def close(self) -> None:
        if self._listener is not None:
            _shut(self._listener)
        self.cut()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((self._url.host or "127.0.0.1", self._url.port or 5432))
            except OSError:  # the server is away
                _shut(client)
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._ends.append(end)
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._back, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if COMMIT in data and self._wanted > 0:
                    self._wanted -= 1
                    self.cuts += 1
                    _shut(client)  # first: the answer must not come through
                    server.sendall(data)
                    return
                server.sendall(data)
        _shut(server)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _shut(client)
        _shut(server)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
