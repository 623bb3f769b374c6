"""Where files lie and what they are called: links, pipes, permissions, odd names, copies."""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from nasty.case import Case, Outcome, file

TEXT = "# Baker\n\nThe marker sentence stands here.\n"
SECRET = "The secret sentence must never be read.\n"


def place_cases() -> list[Case]:
    return [*_links(), *_special(), *_unreadable(), *_names(), *_copies()]


def special(source: str, outcome: Outcome, holds: str, do: Callable[[Path], object]) -> Case:
    """A case that do makes at its path; none where the system or the user cannot."""

    def make(folder: Path) -> bool:
        path = folder / source
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            do(path)
        except (OSError, NotImplementedError, AttributeError):
            return False
        return True

    return Case(source, outcome, holds, make)


def _secret(path: Path) -> Path:
    """A file outside the folder that path lies in, two levels up."""
    outside = path.parents[2] / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "secret.md").write_text(SECRET)
    return outside


def _links() -> list[Case]:
    def chain(path: Path) -> None:
        middle = _secret(path) / "middle"
        middle.symlink_to("secret.md")
        path.symlink_to(middle)

    return [
        special("links/out.md", "error", "out of the folder", lambda path: path.symlink_to(_secret(path) / "secret.md")),
        special("links/out-relative.md", "error", "out of the folder", lambda path: path.symlink_to("../../outside/secret.md")),
        special("links/out-folder", "error", "out of the folder", lambda path: path.symlink_to(_secret(path))),
        special("links/etc.md", "error", "out of the folder", lambda path: path.symlink_to("/etc/passwd")),
        special("links/chain.md", "error", "out of the folder", chain),
        special("links/itself.md", "error", "in a circle", lambda path: path.symlink_to(path)),
        special("links/folder-circle", "skipped", "not followed", lambda path: path.symlink_to("..")),
        special("links/nowhere.md", "error", "nowhere", lambda path: path.symlink_to("gone.md")),
        special("links/inside.md", "skipped", "not followed", lambda path: path.symlink_to("../copies/one.md")),
        special("links/null.md", "error", "out of the folder", lambda path: path.symlink_to("/dev/null")),
        special("links/zero.md", "error", "out of the folder", lambda path: path.symlink_to("/dev/zero")),
        special("links/input.md", "error", "link", lambda path: path.symlink_to("/dev/stdin")),
    ]


def _special() -> list[Case]:
    def bound(path: Path) -> None:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's name may have 108 bytes
        try:
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(path.name)
        finally:
            os.chdir(here)

    return [
        special("special/pipe.md", "error", "a pipe", lambda path: os.mkfifo(path)),
        special("special/pipe.pdf", "error", "a pipe", lambda path: os.mkfifo(path)),
        special("special/socket.md", "error", "a socket", bound),
        special("special/zero.md", "error", "a device", lambda path: os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))),
        special("special/disk.md", "error", "a device", lambda path: os.mknod(path, stat.S_IFBLK | 0o666, os.makedev(7, 99))),
        special("special/sparse.md", "error", "too large", lambda path: (path.touch(), os.truncate(path, 1 << 40))),
        special("special/folder.md/inner.md", "indexed", "marker sentence", lambda path: path.write_text(TEXT)),
        file("special/.hidden.md", TEXT, "skipped", "hidden"),
    ]


def _unreadable() -> list[Case]:
    def locked(path: Path) -> None:
        path.write_text(TEXT)
        path.chmod(0)
        if os.access(path, os.R_OK):  # root reads everything
            path.unlink()
            raise NotImplementedError

    def locked_folder(path: Path) -> None:
        path.mkdir()
        (path / "a.md").write_text(TEXT)
        path.chmod(0)
        if os.access(path, os.R_OK):
            path.chmod(0o700)
            (path / "a.md").unlink()
            path.rmdir()
            raise NotImplementedError

    return [
        special("locked/file.md", "error", "permission", locked),
        special("locked/folder", "error", "permission", locked_folder),
    ]


def _names() -> list[Case]:
    names = [
        "new\nline.md", "tab\there.md", "-rf.md", "--index.md", "..%2f..%2fetc%2fpasswd.md", "a b  c.md", "trailing. .md",
        "quote'\".md", "$(touch owned).md", "`id`.md", "a;b&c|d.md", "*.md", "[x]{y}.md", "%s%n.md", "{0}.md", "back\\slash.md",
        "con.md", "NUL.md", "~.md", "\u202egnp.md", "emoji-🥖.md", "żółć.md", "z\u0308.md", "<script>alert(1)<\u2215script>.md",
        "case.md", "CASE.md", "x" * 252 + ".md", "ü" * 126 + ".md", "file:.md", "https:x.md", "#hash?.md",
        "\x1b[31mred.md", "..md.md",
    ]  # fmt: skip
    cases = [special(f"names/{name}", "indexed", "marker sentence", lambda path: path.write_text(TEXT)) for name in names]

    def undecodable(folder: Path) -> bool:
        if sys.platform != "linux":
            return False
        place = os.fsencode(folder / "names")
        os.makedirs(place, exist_ok=True)
        with open(place + b"/caf\xe9.md", "w") as out:
            out.write(TEXT)
        return True

    deep = "/".join(f"level{i}" for i in range(60))
    return [
        *cases,
        Case("names/caf\\xe9.md", "indexed", "marker sentence", undecodable),
        special(f"deep/{deep}/a.md", "indexed", "marker sentence", lambda path: path.write_text(TEXT)),
    ]


def _copies() -> list[Case]:
    def hard_link(path: Path) -> None:
        original = path.with_name("one.md")
        original.write_text(TEXT)
        os.link(original, path)

    return [
        *(file(f"copies/{name}.md", TEXT, "indexed", "marker sentence") for name in ("one", "two", "three", "four")),
        special("copies/hard-link.md", "indexed", "marker sentence", hard_link),
    ]
