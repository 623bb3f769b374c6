"""Where the page listens and who may come in. Checked before anything heavy is loaded."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.errors import KBError
from kb.web.keys import check_keys

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Door:
    """host and port to listen on; password: asked of everyone when set.

    trusted_proxy: a proxy in front of the page decides who comes in. hosts: further names the page is reached under, beside the
    loopback ones and host itself; a request under any other name is refused, which stops DNS rebinding. keys: open /api to
    programs, beside the password; with keys and no password only they do.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    password: str = ""
    trusted_proxy: bool = False
    hosts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def check(self, secret: str = "a password (--password or KB_PASSWORD)") -> None:
        """Raises KBError when the base would stand open to everyone on the network, or a key could be guessed.

        secret: what may be set against that.
        """
        check_keys(self.keys)
        if not self.loopback and not self.password and not self.trusted_proxy:
            raise KBError(
                f"--host {self.host} opens the base to the network: set {secret}, "
                "or say --trusted-proxy when a proxy in front decides who comes in"
            )

    @property
    def loopback(self) -> bool:
        """True when only this machine can reach the page."""
        return self.host in {"localhost", "127.0.0.1", "::1"}

    @property
    def private(self) -> bool:
        """True when whoever reaches the page is its owner: on this machine only, with no proxy in between and no other name."""
        return self.loopback and not self.trusted_proxy and not self.hosts

    def is_owner(self, scope: Mapping[str, Any]) -> bool:
        """Whether the sender of a request (its ASGI scope) may change the base: signed in, or on this very machine.

        A forwarded request is from somewhere else, whatever address the proxy that forwards it has.
        """
        if scope.get("kb_signed_in") is True:
            return True
        forwarded = any(
            name in {b"forwarded", b"via"} or name.startswith(b"x-forwarded-") for name, _ in scope.get("headers", ())
        )
        return self.private and not self.password and not forwarded

    @property
    def allowed_hosts(self) -> list[str]:
        """Host headers that are answered; any, for a bind to all addresses that was given no names."""
        if self.host in {"0.0.0.0", "::"} and not self.hosts:
            return ["*"]
        own = f"[{self.host}]" if ":" in self.host else self.host
        return list(dict.fromkeys([*LOOPBACK, own, *self.hosts]))

    @property
    def address(self) -> str:
        """What to type into the browser on this machine."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def listen(self) -> socket.socket:
        """A socket that already takes connections. Raises KBError when the address cannot be had."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            opened = socket.create_server((self.host, self.port), family=family, backlog=2048)
        except OverflowError as error:
            raise KBError(f"cannot listen on port {self.port}: a port is from 0 to 65535. Choose another with --port") from error
        except OSError as error:
            why = "something listens there already" if error.errno == errno.EADDRINUSE else error.strerror or error
            raise KBError(f"cannot listen on {self.host}, port {self.port}: {why}. Choose another with --port") from error
        return opened
