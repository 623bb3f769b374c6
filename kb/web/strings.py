"""Every word of ours on the page, in every language it speaks. One place, so that a language is added by one dictionary.

The browser's language decides: gradio's own labels follow it through `gr.I18n(**WORDS)`, what the server renders through `say`.
A key missing in a language falls back to English; a test keeps German complete. Articles and answers stay in the language they
were written in.
"""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH = {
    "brand": "Career KB",
    "tagline": "Answers in the articles' own words, each with its source",
    "skip": "Skip to the question",
    "tab_chat": "Ask",
    # asking
    "ask_label": "Your question",
    "ask_placeholder": "Ask about a role, skills, pay, interviews …",
    "ask_send": "Ask",
    "ask_stop": "Stop",
    "chat_label": "Conversation",
    "welcome_title": "What would you like to know about your career?",
    "welcome_text": "Every sentence of an answer is quoted from an article. Open a [1] to read it where it stands.",
    "examples_title": "For example",
    "understood_as": "Understood as: {question}",
    "as_written": "Ask it exactly as I wrote it",
    "covered": "What it does cover nearby: {topics}",
    "foot": "{quotes} from {articles} · {seconds} s",
    "foot_dates": "{quotes} from {articles}, written {dates} · {seconds} s",
    "quote_one": "1 quote",
    "quote_many": "{n} quotes",
    "article_one": "1 article",
    "article_many": "{n} articles",
    # the passage beside the chat
    "side_label": "Source",
    "side_title": "Where answers come from",
    "side_text": "{articles} on {topics}. Open a [1] in an answer and its passage appears here with the quoted words marked.",
    "side_newest": "Newest: {date}",
    "topics_title": "Topics",
    "topic_one": "1 topic",
    "topic_many": "{n} topics",
    "cited_passage": "Cited passage",
    "cite_title": "{title} – {path}",
    "cite_count": "Citation {n} of {total}",
    "cite_previous": "Previous citation",
    "cite_next": "Next citation",
    "close": "Close",
    "whole_article": "Read the whole article",
    "just_passage": "Back to the passage",
    "source_link": "Original",
    "page": "page {n}",
    "date_unknown": "Undated",
    "from_front_matter": "date given by the article",
    "from_page_metadata": "date given by the web page",
    "from_text": "date found in the text",
    "age_new": "this month",
    "age_month": "a month old",
    "age_months": "{n} months old",
    "age_year": "a year old",
    "age_years": "{n} years old",
    "age_future": "dated ahead",
    "months": "January February March April May June July August September October November December",
    "changed": "This article has changed since the answer was given, so the quoted words are no longer marked.",
    "gone": "This article is no longer in the knowledge base.",
    "bad_place": "That is not a citation of this knowledge base.",
    # when something is wrong
    "empty": "Please type a question first.",
    "too_long": "That is {n} characters. A question may have up to {most}: ask for one thing at a time.",
    "busy": "Many people are asking right now. Please try again in a moment.",
    "broken": "Something went wrong while answering. The reason is in the server's log; please try again.",
    # signing in
    "login_text": "This knowledge base is open to those who know its password.",
    "login_label": "Password",
    "login_button": "Sign in",
    "login_wrong": "That is not the password.",
    "login_wait": "Too many wrong passwords. Try again in a minute.",
    # what one can do with an answer
    "you_asked": "Question",
    "answered": "Answer",
    "act_copy": "Copy the answer with its sources",
    "act_link": "Copy a link that asks this question",
    "act_receipt": "Save the answer as a JSON receipt",
    "act_retry": "Ask again",
    "act_edit": "Change the question",
    "act_undo": "Take question and answer back",
    "act_up": "This helped",
    "act_down": "Something is wrong",
    "done_copied": "Copied",
    "done_saved": "Saved",
    "done_noted": "Noted, thank you. It stays on this machine.",
    "why": "What is wrong?",
    "why_citation": "Wrong citation",
    "why_missing": "Something is missing",
    "why_outdated": "Outdated",
    "editing": "You are changing an earlier question. What came after it will be replaced.",
    "stopped": "Stopped.",
    "sources": "Sources",
    # narrowing the search
    "filter_title": "Narrow the search",
    "filter_topics": "Topics",
    "filter_roles": "Roles",
    "filter_region": "Region",
    "filter_newer": "Written",
    "filter_any": "Any",
    "filter_year": "in the last year",
    "filter_years": "in the last {n} years",
    "filter_since": "since {date}",
    "filtered": "Searched only: {what}",
    # conversations
    "new_chat": "New conversation",
    "chats": "Conversations",
    "chats_text": "Kept in this browser only.",
    "chats_none": "Nothing asked yet.",
    "chat_open": "Open",
    "chat_rename": "Rename",
    "chat_delete": "Delete",
    "chat_delete_sure": "Really delete?",
    "chat_markdown": "Save as Markdown",
    "chat_json": "Save as JSON",
    "chat_name": "Name of the conversation",
    "chat_full": "This browser's storage is full: the oldest conversation was dropped.",
    "to_dark": "Dark colours",
    "to_light": "Light colours",
}

GERMAN = {
    "brand": "Career KB",
    "tagline": "Antworten im Wortlaut der Artikel, jede mit ihrer Quelle",
    "skip": "Zur Frage springen",
    "tab_chat": "Fragen",
    "ask_label": "Ihre Frage",
    "ask_placeholder": "Fragen Sie nach Beruf, Können, Gehalt, Vorstellungsgespräch …",
    "ask_send": "Fragen",
    "ask_stop": "Anhalten",
    "chat_label": "Gespräch",
    "welcome_title": "Was möchten Sie über Ihren Berufsweg wissen?",
    "welcome_text": (
        "Jeder Satz einer Antwort ist aus einem Artikel zitiert. Öffnen Sie eine [1], um ihn an seiner Stelle zu lesen."
    ),
    "examples_title": "Zum Beispiel",
    "understood_as": "Verstanden als: {question}",
    "as_written": "Genau so fragen, wie ich es geschrieben habe",
    "covered": "Dazu gibt es etwas in der Nähe: {topics}",
    "foot": "{quotes} aus {articles} · {seconds} s",
    "foot_dates": "{quotes} aus {articles}, geschrieben {dates} · {seconds} s",
    "quote_one": "1 Zitat",
    "quote_many": "{n} Zitate",
    "article_one": "1 Artikel",
    "article_many": "{n} Artikel",
    "side_label": "Quelle",
    "side_title": "Woher die Antworten kommen",
    "side_text": (
        "{articles} zu {topics}. Öffnen Sie eine [1] in einer Antwort: Hier erscheint die Stelle, die zitierten Worte markiert."
    ),
    "side_newest": "Neuester: {date}",
    "topics_title": "Themen",
    "topic_one": "1 Thema",
    "topic_many": "{n} Themen",
    "cited_passage": "Zitierte Stelle",
    "cite_title": "{title} – {path}",
    "cite_count": "Zitat {n} von {total}",
    "cite_previous": "Voriges Zitat",
    "cite_next": "Nächstes Zitat",
    "close": "Schließen",
    "whole_article": "Den ganzen Artikel lesen",
    "just_passage": "Zurück zur Stelle",
    "source_link": "Original",
    "page": "Seite {n}",
    "date_unknown": "Ohne Datum",
    "from_front_matter": "Datum laut Artikel",
    "from_page_metadata": "Datum laut Webseite",
    "from_text": "Datum aus dem Text",
    "age_new": "aus diesem Monat",
    "age_month": "einen Monat alt",
    "age_months": "{n} Monate alt",
    "age_year": "ein Jahr alt",
    "age_years": "{n} Jahre alt",
    "age_future": "vordatiert",
    "months": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "changed": "Der Artikel hat sich seit dieser Antwort geändert; die zitierten Worte sind deshalb nicht mehr markiert.",
    "gone": "Dieser Artikel ist nicht mehr in der Wissensbasis.",
    "bad_place": "Das ist kein Zitat dieser Wissensbasis.",
    "empty": "Bitte geben Sie zuerst eine Frage ein.",
    "too_long": "Das sind {n} Zeichen. Eine Frage darf bis zu {most} haben: Fragen Sie eines nach dem anderen.",
    "busy": "Gerade fragen viele Leute. Bitte versuchen Sie es gleich noch einmal.",
    "broken": (
        "Beim Antworten ist etwas schiefgegangen. Der Grund steht im Protokoll des Servers; bitte versuchen Sie es noch einmal."
    ),
    "login_text": "Diese Wissensbasis ist offen für alle, die ihr Passwort kennen.",
    "login_label": "Passwort",
    "login_button": "Anmelden",
    "login_wrong": "Das ist nicht das Passwort.",
    "login_wait": "Zu viele falsche Passwörter. Versuchen Sie es in einer Minute wieder.",
    "you_asked": "Frage",
    "answered": "Antwort",
    "act_copy": "Antwort mit Quellen kopieren",
    "act_link": "Link kopieren, der diese Frage stellt",
    "act_receipt": "Antwort als JSON-Beleg speichern",
    "act_retry": "Noch einmal fragen",
    "act_edit": "Frage ändern",
    "act_undo": "Frage und Antwort zurücknehmen",
    "act_up": "Das hat geholfen",
    "act_down": "Etwas stimmt nicht",
    "done_copied": "Kopiert",
    "done_saved": "Gespeichert",
    "done_noted": "Notiert, danke. Es bleibt auf diesem Rechner.",
    "why": "Was stimmt nicht?",
    "why_citation": "Falsches Zitat",
    "why_missing": "Etwas fehlt",
    "why_outdated": "Veraltet",
    "editing": "Sie ändern eine frühere Frage. Was danach kam, wird ersetzt.",
    "stopped": "Angehalten.",
    "sources": "Quellen",
    "filter_title": "Suche eingrenzen",
    "filter_topics": "Themen",
    "filter_roles": "Berufe",
    "filter_region": "Region",
    "filter_newer": "Geschrieben",
    "filter_any": "Alle",
    "filter_year": "im letzten Jahr",
    "filter_years": "in den letzten {n} Jahren",
    "filter_since": "seit {date}",
    "filtered": "Nur gesucht in: {what}",
    "new_chat": "Neues Gespräch",
    "chats": "Gespräche",
    "chats_text": "Nur in diesem Browser aufbewahrt.",
    "chats_none": "Noch nichts gefragt.",
    "chat_open": "Öffnen",
    "chat_rename": "Umbenennen",
    "chat_delete": "Löschen",
    "chat_delete_sure": "Wirklich löschen?",
    "chat_markdown": "Als Markdown speichern",
    "chat_json": "Als JSON speichern",
    "chat_name": "Name des Gesprächs",
    "chat_full": "Der Speicher dieses Browsers ist voll: Das älteste Gespräch wurde verworfen.",
    "to_dark": "Dunkle Farben",
    "to_light": "Helle Farben",
}

WORDS: dict[str, dict[str, str]] = {"en": ENGLISH, "de": GERMAN}


def say(key: str, language: str = "en", /, **values: object) -> str:
    """The text under key, `{name}` filled in from values. Raises KeyError for a key English does not have."""
    return WORDS.get(language, ENGLISH).get(key, ENGLISH[key]).format(**values)


def count(key: str, n: int, language: str = "en") -> str:
    """`1 quote`, `3 quotes`: key names the pair key_one, key_many."""
    return say(f"{key}_one", language) if n == 1 else say(f"{key}_many", language, n=n)


def language_of(headers: Mapping[str, str] | None) -> str:
    """The first language of an Accept-Language header that the page speaks, English where none is.

    >>> language_of({"accept-language": "fr-CH, de;q=0.8, en;q=0.5"})
    'de'
    """
    wanted = []
    for place, item in enumerate((headers or {}).get("accept-language", "")[:200].split(",")):
        tag, _, weight = item.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, tag.lower().split("-")[0]))
        except ValueError:
            continue
    return next((tag for _, _, tag in sorted(wanted) if tag in WORDS), "en")
