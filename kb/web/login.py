"""The sign-in of a page that is open to a network: one password, one page, nothing passes without it.

It stands in front of everything (gradio, our routes, whatever is added later), unlike gradio's own, which guards gradio only,
sets a cookie that other sites' requests carry along, and lets a password be guessed as fast as the network allows.
"""

from __future__ import annotations

import hmac
import time
from base64 import b64decode
from collections import OrderedDict
from hashlib import scrypt, sha256
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.web.markup import escape
from kb.web.strings import readers_language, say

COOKIE = "kb_session"
SESSION_SECONDS = 30 * 24 * 3600
OPEN_TO_ALL = {"/healthz"}
MOST_BODY = 8192  # bytes of a sign-in form

GUESSES = 8  # wrong passwords from one address ...
GUESS_SECONDS = 60.0  # ... in this time; then it waits
MOST_ADDRESSES = 4096  # remembered at once, the oldest forgotten first


class Login:
    """ASGI middleware: lets through who signed in here or sends the password along (Bearer, or Basic with any user name)."""

    def __init__(self, app: ASGIApp, password: str) -> None:
        self.app = app
        self.password = password.encode()
        # subtle: made from the password, so that a session outlives a restart and ends when the password changes
        self.key = scrypt(self.password, salt=b"career-kb session", n=2**14, r=8, p=1)
        self.wrong: OrderedDict[str, list[float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":  # gradio needs no web socket
            return await send({"type": "websocket.close", "code": 1008})
        request = Request(scope, receive)
        path = scope["path"]
        if path == "/login":
            response = await self.sign_in(request)
        elif path == "/logout":
            response = RedirectResponse("/login", 303)
            response.delete_cookie(COOKIE)
        elif path in OPEN_TO_ALL or "kb_key" in scope:
            return await self.app(scope, receive, send)
        elif refused := self.refusal(request):
            response = refused
        else:
            scope["kb_signed_in"] = True
            return await self.app(scope, receive, send)
        return await response(scope, receive, send)

    def refusal(self, request: Request) -> Response | None:
        """None when the request may pass, else what to answer it."""
        if self.valid(request.cookies.get(COOKIE, "")):
            return None
        sent = _password_of(request.headers.get("authorization", ""))
        if sent is not None:
            if self.waiting(request):
                return JSONResponse({"error": "too many wrong passwords, try again in a minute"}, 429)
            if self.right(request, sent):
                return None
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?next={quote(back, safe='')}", 303)
        return JSONResponse({"error": "sign in first"}, 401, {"www-authenticate": "Bearer"})

    async def sign_in(self, request: Request) -> Response:
        language = readers_language(request.headers)
        back = _own_path(request.query_params.get("next", "/"))
        if request.method != "POST":
            return _form(back, "", language, 200)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_BODY:
                return _form(back, "login_wrong", language, 413)
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=5)
        if self.waiting(request):
            return _form(back, "login_wait", language, 429)
        if not self.right(request, fields.get("password", [""])[0]):
            return _form(back, "login_wrong", language, 401)
        response = RedirectResponse(back, 303)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, self.ticket(), SESSION_SECONDS, httponly=True, samesite="lax", secure=secure)
        return response

    # ------------------------------------------------------------ tickets and guesses

    def ticket(self) -> str:
        """`1767225600.3f2a…`: when it ends, and the proof that we wrote it."""
        ends = str(int(time.time()) + SESSION_SECONDS)
        return f"{ends}.{hmac.new(self.key, ends.encode(), sha256).hexdigest()}"

    def valid(self, ticket: str) -> bool:
        ends, _, proof = ticket.partition(".")
        if not (ends.isascii() and ends.isdigit() and proof.isascii()):
            return False
        return hmac.compare_digest(hmac.new(self.key, ends.encode(), sha256).hexdigest(), proof) and int(ends) > time.time()

    def right(self, request: Request, sent: str) -> bool:
        """Whether sent is the password; a wrong one is counted against the address it came from."""
        if hmac.compare_digest(sent.encode("utf-8", "replace"), self.password):
            self.wrong.pop(_address(request), None)
            return True
        self.wrong.setdefault(_address(request), []).append(time.monotonic())
        self.wrong.move_to_end(_address(request))
        while len(self.wrong) > MOST_ADDRESSES:
            self.wrong.popitem(last=False)
        return False

    def waiting(self, request: Request) -> bool:
        """Whether this address guessed too often of late."""
        recent = [at for at in self.wrong.get(_address(request), []) if time.monotonic() - at < GUESS_SECONDS]
        if recent:
            self.wrong[_address(request)] = recent
        else:
            self.wrong.pop(_address(request), None)
        return len(recent) >= GUESSES


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _password_of(authorization: str) -> str | None:
    """The password in an Authorization header, None where there is none."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(rest, validate=True).decode("utf-8", "replace").partition(":")[2]
    except ValueError:
        return ""


def _own_path(path: str) -> str:
    """path when it leads to this page, else "/": another host's address is never followed after signing in."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def _form(back: str, problem: str, language: str, status: int) -> HTMLResponse:
    told = f'<p role="alert">{escape(say(problem, language))}</p>' if problem else ""
    body = _PAGE.format(
        language=language,
        title=escape(say("brand", language)),
        text=escape(say("login_text", language)),
        label=escape(say("login_label", language)),
        button=escape(say("login_button", language)),
        action=escape(f"/login?next={quote(back, safe='')}"),
        told=told,
    )
    return HTMLResponse(body, status, {"cache-control": "no-store"})


_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: light dark; --paper: #f6f4ee; --sheet: #fffdf8; --ink: #22262e; --line: #8d8778; --accent: #0b5f57;
  --warn: #8a2f1d; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --paper: #14171c; --sheet: #1c2026; --ink: #e8e4db; --line: #767e8a; --accent: #84d8cc; --warn: #ffb9a8; }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
  font: 17px/1.5 ui-sans-serif, system-ui, sans-serif; }}
form {{ background: var(--sheet); padding: 32px; border-radius: 16px; width: min(360px, 86vw); box-sizing: border-box; }}
h1 {{ font: 600 24px/1.2 "Iowan Old Style", Palatino, Georgia, serif; margin: 0 0 8px; }}
label {{ display: block; margin: 18px 0 6px; }}
input, button {{ font: inherit; width: 100%; box-sizing: border-box; border-radius: 10px; padding: 10px 12px; }}
input {{ border: 1px solid var(--line); background: var(--paper); color: var(--ink); }}
button {{ border: 0; margin-top: 16px; background: var(--accent); color: var(--sheet); cursor: pointer; }}
[role=alert] {{ color: var(--warn); margin: 12px 0 0; }}
:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px; }}
</style></head><body><main><form method="post" action="{action}"><h1>{title}</h1><div>{text}</div>
<label for="password">{label}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
{told}<button>{button}</button></form></main></body></html>"""
