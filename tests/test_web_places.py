import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.web.places import Place, read_place, write_place


@given(
    source=st.text(min_size=1, max_size=60).filter(lambda s: s.encode("utf-8", "ignore").decode() == s),
    start=st.integers(0, 10**6),
    length=st.integers(0, 10**5),
    lead=st.none() | st.tuples(st.integers(0, 10**6), st.integers(0, 100)),
    digest=st.sampled_from(["", "3f2a9c01"]),
)
def test_a_place_comes_back_from_its_link_as_it_went_in(source, start, length, lead, digest):
    lead_start, lead_end = (lead[0], lead[0] + lead[1]) if lead else (-1, -1)
    place = Place(source, start, start + length, lead_start, lead_end, digest)
    text = write_place(place)
    assert read_place(text) == place
    assert read_place("#cite-" + text) == place
    assert not set(text) & set(" \"'<>()[]`\\\n")


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "x",
        {"a": 1},
        "1.2.3.md",
        "9.1.-1.-1..a.md",
        "1.2.-1.3..a.md",
        "1.2.5.4..a.md",
        "1.2.-1.-1.zz.a.md",
        "1.2.-1.-1..a b.md",
        "1.2.-1.-1..a#b",
        "-1.2.-1.-1..a.md",
        "1.2.-1.-1..",
        "9999999999.1.-1.-1..a",
        "١.٢.-1.-1..a",
        "1.2.-1.-1.." + "a" * 2001,
    ],
)
def test_anything_else_from_the_browser_is_no_place(text):
    assert read_place(text) is None
