"""What the base says of its own accord with an answer or about a file: its English lines with blanks, and how others say them.

The English ones are the lines as other modules write them (kb.answer, kb.compared, kb.remarks, kb.figures, kb.draft, kb.readers);
a test has those modules write each. `kb.web.lines` knows a line by them. A specific form stands before a general one.
"""

from __future__ import annotations

ENGLISH_LINES = {
    # declines
    "line_declined_near": "The knowledge base does not cover this. The nearest it covers: {topics}",
    "line_declined": "The knowledge base does not cover this.",
    "line_outside_chat": "Hello! Ask about careers: a role, how to become one, pay, interviews, a CV.",
    "line_outside_hostile": "That cannot be answered here. Ask about careers: a role, how to become one, pay, interviews, a CV.",
    "line_outside_errand": (
        "That is nothing for a career knowledge base. Ask about a role, how to become one, pay, interviews, a CV."
    ),
    "line_outside_medical": (
        "That is a question for a doctor or a pharmacist, and in an emergency for the emergency number where you are."
    ),
    "line_outside_listings": (
        "No article knows what is open today: job boards and employers' own pages do. Ask how to get such a job."
    ),
    "line_outside_garbled": (
        "That could not be read as a question. Ask about careers: a role, how to become one, pay, interviews, a CV."
    ),
    # between quotes
    "line_not_held": "Not in the knowledge base: {what}.",
    "line_above": "As quoted above: {marks}.",
    "line_differ": "These differ: {sides}.",
    "cell_none": "not in the knowledge base",
    "cell_source": "Source",
    "part_and": "and",
    "part_undated": "undated",
    # below an answer
    "line_read": "Read “{written}” as “{read}”.",
    "part_USD": "US dollars",
    "part_EUR": "euros",
    "part_GBP": "pounds sterling",
    "part_CHF": "Swiss francs",
    "part_CAD": "Canadian dollars",
    "part_AUD": "Australian dollars",
    "part_INR": "Indian rupees",
    "part_JPY": "yen",
    "part_per_year": "a year",
    "part_per_month": "a month",
    "part_per_week": "a week",
    "part_per_day": "a day",
    "part_per_hour": "an hour",
    "part_median": "median",
    "part_from_old": "from {year}, more than {n} years ago",
    "part_from": "from {year}",
    "part_dated_old": "article dated {date}, more than {n} years ago",
    "part_dated": "article dated {date}",
    "part_missing": "not stated: {what}",
    "part_no_currency": "currency",
    "part_no_period": "period",
    "part_no_region": "region",
    "part_no_level": "level",
    "part_no_whose": "whose",
    "part_no_year": "year",
    # with a language model
    "line_reading": "{writer} is reading the passages. Until it writes, these are quotes.",
    "line_thinking": "{writer} is thinking ({n} characters so far). Until it writes, these are quotes.",
    "line_writing": "{writer} is writing.",
    "line_written_one": "Written by {writer}: its sentence is supported.",
    "line_written_all": "Written by {writer}: all {n} sentences are supported by the passages they cite.",
    "line_written_marked": (
        "Written by {writer}: {n} of {total} sentences are supported by the passages they cite; the other {rest} marked."
    ),
    "line_written_dropped": (
        "Written by {writer}: {n} of {total} sentences are supported by the passages they cite; the other {rest} left out."
    ),
    "line_cut_length": "The model was stopped by its length limit; the sentence it was in is left out.",
    "line_cut_filter": "The model was stopped by its server's content filter; the sentence it was in is left out.",
    "line_cut_loop": "The model began to repeat itself and was stopped; what it repeated is left out.",
    "line_quotes": "{why} These are quotes.",
    "line_none_reasoned": "{writer} wrote nothing. It spent all its tokens on reasoning: raise llm_answer_tokens.",
    "line_none_filtered": "{writer} wrote nothing. Its server's content filter stopped it.",
    "line_none": "{writer} wrote nothing.",
    "line_no_answer": "{writer} found no answer in the passages.",
    "line_supports_none": "The passages support nothing of what {writer} wrote.",
    "line_supports_few": "The passages support only {n} of {total} sentences of what {writer} wrote.",
    "line_doubt_bare": "(not supported: it cites nothing)",
    "line_doubt_unknown": "(not supported: it cites passage {n}, which does not exist)",
    "line_doubt_absent": "(not supported: “{what}” is not in the passage it cites)",
    "line_doubt": "(not supported: {why})",
    # why a file is refused
    "file_empty": "it is empty",
    "file_no_text": "there is no text in it",
    "file_pictures": "there is no text in it: its pages are pictures. Let a text recognition (OCR) run over it first",
    "file_headings": "there is nothing in it but headings",
    "file_no_pages": "it has no pages",
    "file_big": "it is too large: more than {n} MB. Split it, or take out what is not text",
    "file_binary": "it is not text: too many control characters. Is it a program, a picture or a damaged file?",
    "file_locked": "it is encrypted. Save it without a password",
    "file_old_word": "it is in Word's old format, or encrypted. Save it as .docx without a password",
    "file_no_word": "it is no Word document that can be read ({why})",
    "file_broken_pdf": "it is damaged or no PDF: {why}",
    "file_crashed": "the reader crashed on it. Is it damaged?",
}

GERMAN_LINES = {
    "line_declined_near": "Das deckt die Wissensbasis nicht ab. Am nächsten kommen: {topics}",
    "line_declined": "Das deckt die Wissensbasis nicht ab.",
    "line_outside_chat": "Guten Tag! Fragen Sie nach einem Beruf, dem Weg dorthin, Gehalt, Vorstellungsgespräch oder Lebenslauf.",
    "line_outside_hostile": (
        "Das kann hier nicht beantwortet werden. Fragen Sie nach einem Beruf, dem Weg dorthin, Gehalt, Vorstellungsgespräch oder "
        "Lebenslauf."
    ),
    "line_outside_errand": (
        "Dafür ist eine Wissensbasis über Berufe nicht da. Fragen Sie nach einem Beruf, dem Weg dorthin, Gehalt, "
        "Vorstellungsgespräch oder Lebenslauf."
    ),
    "line_outside_medical": (
        "Das ist eine Frage für Arztpraxis oder Apotheke, im Notfall für die Notrufnummer des Ortes, an dem Sie sind."
    ),
    "line_outside_listings": (
        "Welche Stellen heute offen sind, weiß kein Artikel, sondern Stellenbörsen und die Seiten der Arbeitgeber. Fragen Sie, "
        "wie man eine solche Stelle bekommt."
    ),
    "line_outside_garbled": (
        "Das ließ sich nicht als Frage lesen. Fragen Sie nach einem Beruf, dem Weg dorthin, Gehalt, Vorstellungsgespräch oder "
        "Lebenslauf."
    ),
    "line_not_held": "Nicht in der Wissensbasis: {what}.",
    "line_above": "Wie oben zitiert: {marks}.",
    "line_differ": "Diese unterscheiden sich: {sides}.",
    "cell_none": "nicht in der Wissensbasis",
    "cell_source": "Quelle",
    "part_and": "und",
    "part_undated": "ohne Datum",
    "line_read": "„{written}“ als „{read}“ gelesen.",
    "part_USD": "US-Dollar",
    "part_EUR": "Euro",
    "part_GBP": "Pfund Sterling",
    "part_CHF": "Schweizer Franken",
    "part_CAD": "kanadische Dollar",
    "part_AUD": "australische Dollar",
    "part_INR": "indische Rupien",
    "part_JPY": "Yen",
    "part_per_year": "im Jahr",
    "part_per_month": "im Monat",
    "part_per_week": "in der Woche",
    "part_per_day": "am Tag",
    "part_per_hour": "in der Stunde",
    "part_median": "Median",
    "part_from_old": "von {year}, mehr als {n} Jahre her",
    "part_from": "von {year}",
    "part_dated_old": "Artikel vom {date}, mehr als {n} Jahre her",
    "part_dated": "Artikel vom {date}",
    "part_missing": "nicht angegeben: {what}",
    "part_no_currency": "Währung",
    "part_no_period": "Zeitraum",
    "part_no_region": "Region",
    "part_no_level": "Stufe",
    "part_no_whose": "wessen",
    "part_no_year": "Jahr",
    "line_reading": "{writer} liest die Stellen. Bis dahin stehen hier Zitate.",
    "line_thinking": "{writer} denkt nach (bisher {n} Zeichen). Bis dahin stehen hier Zitate.",
    "line_writing": "{writer} schreibt.",
    "line_written_one": "Geschrieben von {writer}: Der Satz ist belegt.",
    "line_written_all": "Geschrieben von {writer}: Alle {n} Sätze sind durch die zitierten Stellen belegt.",
    "line_written_marked": (
        "Geschrieben von {writer}: {n} von {total} Sätzen sind durch die zitierten Stellen belegt; markiert: {rest}."
    ),
    "line_written_dropped": (
        "Geschrieben von {writer}: {n} von {total} Sätzen sind durch die zitierten Stellen belegt; weggelassen: {rest}."
    ),
    "line_cut_length": "Das Modell hat seine Längengrenze erreicht; der angefangene Satz ist weggelassen.",
    "line_cut_filter": "Der Inhaltsfilter des Servers hat das Modell angehalten; der angefangene Satz ist weggelassen.",
    "line_cut_loop": "Das Modell begann sich zu wiederholen und wurde angehalten; die Wiederholung ist weggelassen.",
    "line_quotes": "{why} Dies sind Zitate.",
    "line_none_reasoned": "{writer} hat nichts geschrieben, nur nachgedacht: Erhöhen Sie llm_answer_tokens.",
    "line_none_filtered": "{writer} hat nichts geschrieben: Der Inhaltsfilter des Servers hat es angehalten.",
    "line_none": "{writer} hat nichts geschrieben.",
    "line_no_answer": "{writer} fand in den Stellen keine Antwort.",
    "line_supports_none": "Die Stellen belegen nichts von dem, was {writer} geschrieben hat.",
    "line_supports_few": "Die Stellen belegen nur {n} von {total} Sätzen, die {writer} geschrieben hat.",
    "line_doubt_bare": "(nicht belegt: ohne Zitat)",
    "line_doubt_unknown": "(nicht belegt: Stelle {n} gibt es nicht)",
    "line_doubt_absent": "(nicht belegt: „{what}“ steht nicht in der zitierten Stelle)",
    "line_doubt": "(nicht belegt: {why})",
    "file_empty": "Sie ist leer.",
    "file_no_text": "Es steht kein Text darin.",
    "file_pictures": "Nur Bilder, kein Text. Lassen Sie zuerst eine Texterkennung (OCR) darüber laufen.",
    "file_headings": "Es stehen nur Überschriften darin.",
    "file_no_pages": "Sie hat keine Seiten.",
    "file_big": "Sie ist zu groß: mehr als {n} MB. Teilen Sie sie, oder nehmen Sie heraus, was kein Text ist.",
    "file_binary": "Sie enthält keinen Text: zu viele Steuerzeichen. Ist es ein Programm, ein Bild oder eine beschädigte Datei?",
    "file_locked": "Sie ist verschlüsselt. Speichern Sie sie ohne Passwort.",
    "file_old_word": "Altes Word-Format, oder verschlüsselt. Speichern Sie sie als .docx ohne Passwort.",
    "file_no_word": "Kein lesbares Word-Dokument ({why}).",
    "file_broken_pdf": "Beschädigt, oder kein PDF: {why}",
    "file_crashed": "Beim Lesen ist der Leser abgestürzt. Ist sie beschädigt?",
}
