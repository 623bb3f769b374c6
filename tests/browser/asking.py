"""Asking on the page, as every test of it does."""

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

WHOLE = "document.querySelectorAll('#chat .user-row').length == document.querySelectorAll('#chat .bot-row .kb-actions').length"


def ask(page, question):
    """Ask, and wait until the answer is whole."""
    page.fill("#kb-ask textarea", question)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .user-row").last).to_contain_text(question)
    page.wait_for_function(WHOLE)
