"""A page saved as one file (.mhtml, .mht) -> its HTML part, read as any page."""

from __future__ import annotations

import email
import email.policy
from email.message import Message

from kb.errors import ArticleError
from kb.readers import html
from kb.records import Draft


def read(data: bytes, charset: str = "") -> Draft:
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    part = next((part for part in message.walk() if part.get_content_type() in {"text/html", "application/xhtml+xml"}), None)
    payload = part.get_payload(decode=True) if isinstance(part, Message) else None
    if part is None or not isinstance(payload, bytes):
        raise ArticleError("there is no page in it")
    draft = html.read(payload, part.get_content_charset() or charset)
    address = str(message.get("Snapshot-Content-Location") or part.get("Content-Location") or "")
    if "url" in draft.meta or not address.startswith(("http://", "https://")):
        return draft
    return Draft(draft.fragments, {**draft.meta, "url": address}, draft.date_origin)
