from __future__ import annotations

import time

import pytest

from kb.errors import ArticleError
from kb.readers.markdown import fragments, inline, read


def shape(text: str) -> list[tuple[str, int, str]]:
    return [(fragment.kind, fragment.level, fragment.text) for fragment in fragments(text)]


def test_headings_lists_tables_and_code_keep_their_kind_and_level() -> None:
    text = """
# Baker

Bakes *bread*.

## Needs

- an **oven**
  - hot
- a [scale](https://example.org)

| Town | Pay |
|---|---:|
| Bonn | 30,000 |

    bake --hot
"""
    assert shape(text) == [
        ("heading", 1, "Baker"),
        ("paragraph", 0, "Bakes bread."),
        ("heading", 2, "Needs"),
        ("item", 1, "an oven"),
        ("item", 2, "hot"),
        ("item", 1, "a scale"),
        ("table_header", 0, "Town | Pay"),
        ("table_row", 0, "Bonn | 30,000"),
        ("code", 0, "bake --hot"),
    ]


def test_items_remember_their_bullet_or_number() -> None:
    assert [(f.mark, f.text) for f in fragments("* a\n\n3. b\n4. c\n")] == [("*", "a"), ("3.", "b"), ("4.", "c")]


def test_an_items_second_paragraph_is_a_further_line_of_it() -> None:
    assert shape("- First.\n\n  Second.\n- Other.\n\nAfter.\n") == [
        ("item", 1, "First.\nSecond."),
        ("item", 1, "Other."),
        ("paragraph", 0, "After."),
    ]


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("**bold** and _it_ and `code`", "bold and it and code"),
        ("[text](https://x.example/a_b_c) ![picture](x.png) more", "text more"),
        ("a claim[^1] here", "a claim here"),
        ("Tom &amp; Co \\*not bold\\*", "Tom & Co *not bold*"),
        ("pay: {{salary}} and $name$", "pay: {{salary}} and $name$"),
        ("10<sup>3</sup> loaves<sup>1</sup> on the 1<sup>st</sup>", "10^3 loaves on the 1st"),
        ("30,000 <br> to 40,000", "30,000\nto 40,000"),
        ("What do you know about <role> and <b>why</b>?", "What do you know about <role> and why?"),
        ("x {{< figure src=a.png >}} y {% include z %}", "x y"),
    ],
)
def test_inline_mark_up_goes_and_words_stay(marked: str, words: str) -> None:
    assert "\n".join(fragment.text for fragment in fragments(marked)) == words


def test_what_is_meant_for_a_sites_generator_is_dropped() -> None:
    text = """import Ad from './Ad'; import B from "b";
import {
  x,
} from 'y';
export const meta = {
  a: 1,
};

<head>
  <title>Other</title>
</head>

<!-- a
comment -->

[toc]

:::tip Expert tip

Bake early.

:::

<Ad />

<script>alert(1)</script>

Real text.
"""
    assert shape(text) == [("paragraph", 0, "Expert tip"), ("paragraph", 0, "Bake early."), ("paragraph", 0, "Real text.")]


def test_code_keeps_what_would_be_a_remnant_elsewhere() -> None:
    assert shape("```js\nimport a from 'b';\n<!-- kept -->\n```\n") == [("code", 0, "import a from 'b';\n<!-- kept -->")]


def test_captions_and_words_in_raw_html_survive() -> None:
    text = (
        '<div class="x">\n<figure>\n<img src={A} alt="no" />\n<figcaption>A caption &amp; more.</figcaption>\n</figure>\n</div>\n'
    )
    assert shape(text) == [("paragraph", 0, "A caption & more.")]


def test_a_table_and_a_heading_in_raw_html_are_a_table_and_a_heading() -> None:
    text = (
        "<h2 align=center>Pay</h2>\n\n"
        "<table>\n<tr><th>Town</th><th>Pay</th></tr>\n<tr><td>Bonn</td><td>30,000</td></tr>\n</table>\n\n"
        "<details>\n<summary>Do I need a degree?</summary>\n\nNo.\n\n</details>\n"
    )
    assert shape(text) == [
        ("heading", 2, "Pay"),
        ("table_header", 0, "Town | Pay"),
        ("table_row", 0, "Bonn | 30,000"),
        ("heading", 2, "Do I need a degree?"),
        ("paragraph", 0, "No."),
    ]


def test_a_short_bold_line_is_a_heading_and_a_bold_lead_in_is_not() -> None:
    assert shape("## Pay\n\n**Do I need a degree?**\n\nNo.\n\n**Pros:**\n\n- bread\n") == [
        ("heading", 2, "Pay"),
        ("heading", 3, "Do I need a degree?"),
        ("paragraph", 0, "No."),
        ("paragraph", 0, "Pros:"),
        ("item", 1, "bread"),
    ]


def test_labelled_lines_of_one_paragraph_stay_lines() -> None:
    assert shape("**Also called:** bread maker\n**Pay:** 30,000\nand more\n") == [
        ("paragraph", 0, "Also called: bread maker\nPay: 30,000 and more")
    ]
    assert shape("Q: Why?\nA: Because.\n") == [("paragraph", 0, "Q: Why?\nA: Because.")]


def test_a_heading_inside_a_quote_or_a_list_is_no_heading_of_the_article() -> None:
    assert [kind for kind, _, _ in shape("> # Loud\n>\n> Text.\n\n- # Item\n")] == ["paragraph", "paragraph", "item"]


def test_plain_text_in_a_markdown_file_is_read_as_plain_text() -> None:
    text = (
        "What a Baker Does\nBakers bake bread and cakes in the night, and they sell them in the morning. They like it.\n"
        "- mixing **dough**\n- baking\nWhat It Pays\nThe pay is low for the first five years, and rises later on. So it is.\n"
    )
    assert [(kind, words) for kind, _, words in shape(text) if kind != "paragraph"] == [
        ("heading", "What a Baker Does"), ("item", "mixing dough"), ("item", "baking"), ("heading", "What It Pays")
    ]  # fmt: skip


def test_front_matter_date_and_canonical_address_are_kept() -> None:
    draft = read(
        b"---\nTitle: 'Baker: what for'\ndate: 'March 15 2022'\n---\n\n"
        b'<head>\n<link rel="canonical" href="https://x.example/b" />\n</head>\n\nText.\n'
    )
    assert (draft.meta["title"], draft.meta["date"], draft.date_origin) == ("Baker: what for", "2022-03-15", "front matter")
    assert draft.meta["url"] == "https://x.example/b"


def test_a_colon_in_an_unquoted_title_does_not_lose_the_front_matter() -> None:
    draft = read(b"---\ntitle: Baker: what for\ndate: 2022\n---\nText.\n")
    assert (draft.meta["title"], draft.meta["date"]) == ("Baker: what for", "2022")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("a: &x [1]\nb: *x", "anchors or aliases"),
        ("a: !!python/object/apply:os.system [ls]", "YAML tag"),
        ("a: " + "x" * 70_000, "front matter has"),
        ("a: " + "[" * 50 + "]" * 50, "nested deeper"),
    ],
)
def test_hostile_front_matter_is_refused_with_its_reason(head: str, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        read(f"---\n{head}\n---\nText.\n".encode())


@pytest.mark.parametrize("text", ["<!--" * 30_000, "{%" * 40_000, "<a " * 40_000, ":::" * 40_000, "import {" * 15_000])
def test_hostile_remnants_take_no_more_than_linear_time(text: str) -> None:
    started = time.process_time()
    fragments(text)
    assert time.process_time() - started < 10


def test_inline_gives_a_lines_words() -> None:
    assert inline("a **bold** [link](https://x.example)") == "a bold link"


LEADS = """\
# Leaving the classroom

**First, the reasons.** It wasn't the children.

**What did work?** I wrote a guide for a charity.

- **Save.** Three months of pay.

**What I would tell you.**

**The pay** is lower.

**Your pension.** It *stays* where it is.
"""


def test_bold_sentences_at_the_head_of_paragraphs_are_headings_where_there_are_several() -> None:
    found = [(f.kind, f.level, f.text) for f in fragments(LEADS)]
    assert found[1:5] == [
        ("heading", 2, "First, the reasons."),
        ("paragraph", 0, "It wasn't the children."),
        ("heading", 2, "What did work?"),
        ("paragraph", 0, "I wrote a guide for a charity."),
    ]
    assert found[5:] == [
        ("item", 1, "Save. Three months of pay."),
        ("heading", 2, "What I would tell you."),
        ("paragraph", 0, "The pay is lower."),
        ("heading", 2, "Your pension."),
        ("paragraph", 0, "It stays where it is."),
    ]


def test_one_or_two_bold_sentences_are_emphasis() -> None:
    text = "# Pay\n\n**Never pay an agency.** The employer does.\n\n**Ask twice.** Then ask again.\n"
    assert [f.kind for f in fragments(text)] == ["heading", "paragraph", "paragraph"]


def test_obsidians_marks_are_read_as_they_are_shown() -> None:
    text = """Up: [[Outdoor careers]] and [[Bird abatement|bird control]], see [[Sponsors#How]]; [[your name]] stays.

> [!warning]- Permit
> A permit is needed **before** the bird arrives.

- Airport: ==$600 a day== ^rate
- The hall has 10 ^3 seats %%check%%
![[hawk.png|300]]

%%
A remark of mine.
%%

```dataview
table rate from #career
```

```text
a == b
```
"""
    assert [(f.kind, f.text) for f in fragments(text)] == [
        ("paragraph", "Up: Outdoor careers and bird control, see Sponsors; [[your name]] stays."),
        ("paragraph", "Permit"),
        ("paragraph", "A permit is needed before the bird arrives."),
        ("item", "Airport: $600 a day"),
        ("item", "The hall has 10 ^3 seats"),
        ("code", "a == b"),
    ]


def test_definitions_contents_and_typed_bullets_of_other_dialects() -> None:
    text = "* TOC\n{:toc}\n\nGaffer\n: Leads a team.\n: Shapes last.\n\nTools:\n• a pipe\n• a bench\n"
    assert [(f.kind, f.text) for f in fragments(text)] == [
        ("table_row", "Gaffer | Leads a team."),
        ("table_row", "Gaffer | Shapes last."),
        ("paragraph", "Tools:"),
        ("item", "a pipe"),
        ("item", "a bench"),
    ]


def test_numbered_questions_head_their_answers_where_each_has_one() -> None:
    text = "## Questions\n\n1. Is it hard?\n\nThe back is.\n\n2. Is there work in winter?\n\nLess.\n\n"
    text += "Ask yourself:\n\n1. Why?\n2. When?\n"
    assert [(f.kind, f.text) for f in fragments(text)] == [
        ("heading", "Questions"),
        ("heading", "1. Is it hard?"),
        ("paragraph", "The back is."),
        ("heading", "2. Is there work in winter?"),
        ("paragraph", "Less."),
        ("paragraph", "Ask yourself:"),
        ("item", "Why?"),
        ("item", "When?"),
    ]
