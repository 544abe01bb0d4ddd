"""The page in a real browser: no complaint, links lead somewhere, readable on a phone, in the dark,
in print. One headless Chromium for all of it; skipped where there is none."""

import re
from urllib.parse import unquote, urlparse

import pytest

from tests.report.browser import CHROMIUM, Browser
from tests.report.samples import INSTANCE, MUTANTS, claim, enriched, full_record, refuted
from theorylab.report.html import write_report

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")


def wide_record():
    """A run with what strains a page: long words, long formulas, wide tables, many figures."""
    record = full_record()
    record["claims"] += [
        claim("long", title="w" * 120, reading="r" * 90, grade="g" * 200, code="x = 1" * 90),
        refuted("sums", statement=" + ".join(rf"\frac{{x_{k}}}{{y}}" for k in range(60))),
    ]
    law = ["123457/1000003"] * 4
    world = {**INSTANCE["M"], "P": [[law] * 4] * 4, "payoff": [["1/7"] * 4] * 4, "start": law}
    record["claims"][-1]["counterexample"]["instance"] = {"M": world, "big": INSTANCE["nu"]}
    record["claims"][-1]["counterexample"]["lhs"] = "[" + ", ".join(["'1/1000003'"] * 40) + "]"
    record["papers"][0]["title"] = "On a title that is long enough to fill more than one line " * 3
    record = enriched(record)
    record["claims"][0]["mutants"] = {
        **MUTANTS,
        "list": [{**MUTANTS["list"][1], "change": "c" * 300}, *MUTANTS["list"]],
    }
    return record


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The results folder, with a claim's source beside it."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "my lemma.py").touch()
    record = wide_record()
    record["claims"][0]["source"] = {"file": (folder / "my lemma.py").as_posix(), "line": 3}
    write_report(record, folder / "out")
    return folder


@pytest.fixture(scope="module")
def browser(folder):
    with Browser(folder / "profile") as browser:
        yield browser


@pytest.fixture
def show(browser, folder):
    """Open the page; all of it unfolded where asked."""

    def show(unfold=False, **how):
        browser.open(folder / "out" / "report.html", **how)
        if unfold:
            browser.value("document.querySelectorAll('details').forEach(d => d.open = true)")
        return browser

    return show


@pytest.mark.parametrize("how", [{}, {"dark": True}, {"width": 390}, {"media": "print"}])
def test_it_loads_without_complaint_and_asks_for_nothing(how, show):
    page = show(**how)
    assert page.complaints == []
    assert page.value("document.title") == "theorylab report: mine"
    assert page.value("document.querySelectorAll('article.claim').length") == 6


def test_a_complaint_would_be_seen(browser, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text("<script>console.error('x')</script><img src='file:///nothing.png'>")
    browser.open(bad)
    said = " ".join(browser.complaints)
    assert "asked for file:///nothing.png" in said and "'x'" in said


def test_links_within_the_page_lead_somewhere(show):
    page = show()
    hrefs = "[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
    inner = [h for h in page.value(hrefs) if h.startswith("#")]
    assert len(inner) > 30
    lost = "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById("
    assert page.value(f"{lost}decodeURIComponent(a.hash.slice(1)))).length") == 0


def test_a_link_brings_its_claim_into_view_below_the_bar(show):
    page = show()
    page.value("document.querySelector('.statements a[href=\"#mine.wrong\"]').click()")
    top = page.value("document.getElementById('mine.wrong').getBoundingClientRect().top")
    bar = page.value("document.querySelector('nav').getBoundingClientRect().bottom")
    assert 0 < bar <= top < 200


def test_the_source_is_where_its_link_says(show, folder):
    page = show()
    way = "[...document.querySelectorAll('a')].filter(a => !a.hash).map(a => [a.href, a.text])"
    [[url, text]] = page.value(way)
    assert unquote(urlparse(url).path) == (folder / "my lemma.py").as_posix()
    assert text.endswith("my lemma.py")


def test_formulas_are_drawn(show):
    page = show()
    tall = "(e => e.getBoundingClientRect().height)(document.querySelector('article mfrac'))"
    flat = "(e => e.getBoundingClientRect().height)(document.querySelector('article math mi'))"
    assert page.value(tall) > 1.5 * page.value(flat) > 10


STICKING_OUT = """
[...document.body.querySelectorAll('*')].filter(e => {
  if (e.closest('.skip')) return false;
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
  for (let p = e.parentElement; p; p = p.parentElement)
    if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX)
        && p.getBoundingClientRect().right <= innerWidth + 1) return false;
  return true;
}).map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40))
"""


@pytest.mark.parametrize("width", [320, 390, 768, 1300])
def test_nothing_is_wider_than_the_screen(width, show):
    page = show(width=width, unfold=True)
    assert page.value(STICKING_OUT) == []
    assert page.value("document.documentElement.scrollWidth") == width
    assert page.value("document.documentElement.clientWidth") == width


@pytest.mark.parametrize("table", ["statements", "tightness"])
def test_on_a_phone_each_row_is_a_card(table, show):
    page = show(width=390)
    cells = f"[...document.querySelectorAll('.{table} tbody tr')[0].cells]"
    lefts = page.value(f"{cells}.map(e => e.getBoundingClientRect().left)")
    assert len(set(lefts[:2])) == 1
    size = "parseFloat(getComputedStyle(document.querySelector('.evidence')).fontSize)"
    assert page.value(size) >= 12
    region = f"document.querySelector('.{table}').parentNode"
    assert page.value(f"(e => e.scrollWidth <= e.clientWidth)({region})")


CONTRASTS = """
(() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => {
    const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92
                                           : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.getBoundingClientRect().width) continue;
    if (['TITLE', 'DESC'].includes(e.tagName.toUpperCase())) continue;
    const style = getComputedStyle(e);
    const ink = parse(e.closest('svg') ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(e))].sort((x, y) => y - x);
    found.push([(a + .05) / (b + .05), walker.currentNode.data.trim().slice(0, 30)]);
  }
  return found;
})()
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_has_contrast(dark, show):
    page = show(dark=dark, unfold=True)
    page_colour = page.value("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", page_colour))) < 150) == dark
    found = page.value(CONTRASTS)
    assert len(found) > 900
    assert [text for ratio, text in found if ratio < 4.5] == []


def test_in_print_nothing_is_cut_and_folded_parts_are_open(show):
    page = show(media="print", width=702)  # A4 less its margins
    cut = (
        "[...document.querySelectorAll('.statements, .tightness, .waived, .engines')].filter("
        "t => t.getBoundingClientRect().right > innerWidth + 1).map(t => t.className)"
    )
    assert page.value(cut) == []
    shown = "e => e.checkVisibility() && e.getBoundingClientRect().height > 0"
    assert not page.value(f"({shown})(document.querySelector('nav'))")
    assert page.value(f"({shown})(document.querySelector('details:not(.bulky) .item'))")
    assert not page.value(f"({shown})(document.querySelector('.bulky table'))")
    pdf = page.pdf()
    assert pdf.startswith(b"%PDF") and len(pdf) > 20_000


def test_the_screenshot_in_the_dark_is_dark(show, tmp_path):
    show(dark=True).screenshot(tmp_path / "dark.png")
    show().screenshot(tmp_path / "light.png")
    from matplotlib.image import imread

    dark, light = (imread(tmp_path / f"{name}.png")[..., :3].mean() for name in ("dark", "light"))
    assert dark < 0.3 < 0.8 < light
