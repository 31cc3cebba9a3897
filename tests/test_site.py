"""The website: what a module's page shows, and that every page can be read anywhere, offline."""

from __future__ import annotations

import doctest
import re
import zipfile
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import nbformat
import pytest

from course import site as website
from course.build.notebook import source_notebook
from course.errors import CourseError
from course.modules import ROOT, list_modules, read_file
from course.secrets import READERS, STUDENTS, scan
from course.site import lesson, mathml
from course.site.lesson import face, lesson_page, with_rich_summaries, without_markers
from course.site.mathml import to_mathml
from course.site.staging import link_modules

TINY = Path(__file__).parent / "texts" / "00-tiny.md"
PHONE, DESKTOP = 360, 1280


# --- A module's page ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny():
    return read_file(TINY)


@pytest.fixture(scope="module")
def page(tiny):
    return lesson_page(tiny, source_notebook(tiny))


def sources(page) -> list[str]:
    return [cell.source for cell in page.cells]


def position(page, part: str) -> int:
    return next(i for i, source in enumerate(sources(page)) if part in source)


def test_the_starter_is_shown_and_an_answer_folded(page):
    starter = page.cells[position(page, "# your code here")]
    answer = page.cells[position(page, "(ratings >= 9).mean()")]
    assert "return 100" not in starter.source
    assert answer.metadata["tags"] == ["hide-cell"]
    assert answer.metadata["mystnb"]["code_prompt_show"] == "Show an answer"


def test_nbgraders_marks_are_not_shown(page):
    assert not any("SOLUTION" in source for source in sources(page))


def test_the_stub_of_a_value_is_no_part_of_its_answer():
    answer = "x = ...\n### BEGIN SOLUTION\nx = 2\n### END SOLUTION"
    assert without_markers(answer) == "x = 2"


def test_the_answer_stands_after_the_hints_and_before_its_check(page):
    hint, answer, check = (
        position(page, part) for part in ("Hint 1", "(ratings >= 9)", 'check("nps"')
    )
    assert hint < answer < check


def test_the_check_is_folded_and_its_outcome_is_not(page):
    check = page.cells[position(page, 'check("nps"')]
    assert check.metadata["tags"] == ["hide-input"]


def test_mistakes_are_told_with_their_sentence_and_code(page, tiny):
    text = sources(page)[position(page, "Common mistakes")]
    for trap in tiny.exercises["nps"].traps:
        assert trap.says in text and trap.source in text


def test_a_sealed_exercise_shows_neither_answer_nor_mistakes(page, tiny):
    everything = "\n".join(sources(page))
    sealed = tiny.exercises["verdict"]
    assert 'verdict = "b"' not in everything
    assert not any(trap.says in everything for trap in sealed.traps)
    assert "verdict = ..." in everything


def test_sample_answers_and_other_right_answers_are_not_shown(page, tiny):
    everything = "\n".join(sources(page))
    for task in tiny.written.values():
        assert not any(sample in everything for _, sample in task.samples)
    for exercise in tiny.exercises.values():
        assert not any(other.source in everything for other in exercise.also_right)


def test_the_place_to_write_a_text_is_not_shown(page):
    assert not any("Write your answer here" in source for source in sources(page))


def test_a_figures_alt_text_is_passed_on(page):
    figure = page.cells[position(page, "plot.bar")]
    assert figure.metadata["mystnb"]["image"]["alt"].startswith("A bar chart")


def test_the_face_tells_title_minutes_points_and_the_notebook(page, tiny):
    assert page.cells[0].source.startswith("# 00 A tiny module · 小模块\n")
    for part in ("5 minutes", "5 exercises", "1 by a person", "20 points", "00-tiny.zip"):
        assert part in face(tiny)


def test_a_page_is_a_valid_notebook(page):
    nbformat.validate(page)


def test_markdown_and_formulas_in_a_summary_are_shown_as_meant():
    shown = with_rich_summaries("<summary>A. `x` is *not* $x \\le 2$, but 3 < 4</summary>")
    assert "<code>x</code> is <em>not</em> <math" in shown
    assert "<mo>≤</mo>" in shown and "3 &lt; 4" in shown


def test_money_in_a_summary_is_no_formula():
    text = "<summary>between $5 and $6</summary>"
    assert with_rich_summaries(text) == text


def test_a_link_to_a_module_that_is_to_come_is_plain_text(tiny):
    linked = link_modules("{module}`00` and {module}`07`", [tiny])
    assert linked == "[module 00](modules/00-tiny.ipynb) and module 07 (to come)"


@pytest.mark.parametrize("module", [lesson, mathml])
def test_the_examples_in_the_sites_code_run(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0 and outcome.failed == 0


# --- Formulas -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{r}{1+d-r}",
        r"\text{CLV} = m \sum_{t=1}^{\infty} \left(\frac{r}{1+d}\right)^t",
        r"\sqrt[n]{\frac{V_n}{V_0}} - 1",
        r"\text{毛利率} \approx 60\,\%",
        r"\begin{cases}1 & x > 0\\ 0 & \text{else}\end{cases}",
        r"\lVert x - \mu_k \rVert^2 \le \hat\sigma",
    ],
)
def test_a_formula_becomes_mathml(formula):
    made = to_mathml(formula, block=True)
    assert made.startswith("<math") and made.rstrip().endswith("</math>")
    assert "\\" not in made


def test_lines_of_a_formula_are_aligned():
    assert to_mathml(r"a &= b \\ c &= d", block=True).count("<mtr>") == 2


def test_a_formula_that_is_not_understood_is_named():
    with pytest.raises(ValueError, match=r"`\\frac\{1\}` is not understood"):
        to_mathml(r"\frac{1}")


# --- Building -------------------------------------------------------------------------------------


def test_missing_solutions_are_named_with_the_remedy(tmp_path):
    with pytest.raises(CourseError, match=r"lacks 00-tiny: run `build` first"):
        website.build_site(output=tmp_path / "site", texts=TINY.parent, made=tmp_path)
    assert not (tmp_path / "site").exists()


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CourseError, match="holds something else"):
        website.build_site(output=tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_a_warning_stops_the_build_and_keeps_the_old_site(tmp_path, monkeypatch):
    book, made, output = tmp_path / "book", tmp_path / "made", tmp_path / "site"
    book.mkdir()
    (book / "index.md").write_text("# Start\n\n[gone](nowhere.md)\n", encoding="utf-8")
    solution = made / "solutions" / "00-tiny" / "00-tiny.ipynb"
    solution.parent.mkdir(parents=True)
    nbformat.write(source_notebook(read_file(TINY)), solution)
    output.mkdir()
    (output / website.MARK).touch()
    (output / "index.html").write_text("old", encoding="utf-8")
    monkeypatch.setattr(website, "BOOK", book)
    with pytest.raises(CourseError, match=r"index\.md.*nowhere\.md"):
        website.build_site(output=output, texts=TINY.parent, made=made)
    assert (output / "index.html").read_text(encoding="utf-8") == "old"


# --- The course's own site, file by file ----------------------------------------------------------


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """The website of the committed notebooks; that it is built at all means: no warning."""
    output = tmp_path_factory.mktemp("website") / "site"
    assert website.build_site(output=output) == 0
    return output


class Links(HTMLParser):
    """What a page links to, what it loads, which places it has, and its images."""

    def __init__(self):
        super().__init__()
        self.links, self.loads, self.ids, self.images = [], [], set(), []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids |= {attrs[key] for key in ("id", "name") if attrs.get(key)}
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        if tag == "link" and attrs.get("rel") not in ("next", "prev", "index", "search"):
            self.loads.append(attrs["href"])
        self.loads += [attrs[key] for key in ("src", "srcset", "data", "poster") if key in attrs]
        if tag == "img":
            self.images.append(attrs)


@cache
def links_of(path: Path) -> Links:
    parser = Links()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


def pages_of(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_module_and_every_page_of_the_book_is_there(built):
    names = {path.relative_to(built).with_suffix("").as_posix() for path in pages_of(built)}
    book = {path.stem for path in (ROOT / "course" / "book").glob("*.md")}
    modules = {f"modules/{module}" for module in list_modules()}
    assert names >= book | modules | {"syllabus", "data", "reference/index", "search"}


def test_every_internal_link_and_anchor_leads_somewhere(built):
    broken = []
    for path in pages_of(built):
        for link in links_of(path).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_relative_to(built.resolve()) or not target.is_file():
                broken.append((path.name, link))
            elif parts.fragment and target.suffix == ".html":
                if unquote(parts.fragment) not in links_of(target).ids:
                    broken.append((path.name, link))
    assert not broken


def test_no_link_begins_at_the_hosts_root(built):
    found = [(p.name, x) for p in pages_of(built) for x in links_of(p).links if x.startswith("/")]
    assert not found


def test_nothing_is_loaded_from_another_host(built):
    loads = {load for path in pages_of(built) for load in links_of(path).loads}
    for style in built.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        loads |= set(re.findall(r"""url\(\s*['"]?([^'")]+)""", text))
        loads |= set(re.findall(r"""@import\s+['"]([^'"]+)""", text))
    assert not [x for x in loads if urlsplit(x).netloc and urlsplit(x).scheme != "data"]


def test_every_image_has_alt_text(built):
    images = [(p.name, i) for p in pages_of(built) for i in links_of(p).images]
    assert not [(name, i) for name, i in images if not (i.get("alt") or "").strip()]


def test_every_figure_of_the_notebooks_is_there_with_its_own_alt_text(built):
    for module in list_modules():
        solution = ROOT / "solutions" / module / f"{module}.ipynb"
        alts = {i.get("alt") for i in links_of(built / "modules" / f"{module}.html").images}
        for cell in nbformat.read(solution, as_version=4).cells:
            outputs = cell.get("outputs", [])
            if any("image/png" in output.get("data", {}) for output in outputs):
                assert cell.metadata["mystnb"]["image"]["alt"] in alts


def test_the_site_holds_no_sealed_answer_sample_or_seed(built):
    assert scan([built], kinds=READERS) == []


def test_the_downloaded_notebook_holds_no_answer(built):
    archives = sorted(built.rglob("*.zip"))
    assert {path.stem for path in archives} == set(list_modules())
    for path in archives:
        names = zipfile.ZipFile(path).namelist()
        assert f"{path.stem}/{path.stem}.ipynb" in names and f"{path.stem}/checks.json" in names
    assert scan(archives, kinds=STUDENTS) == []


def test_no_formula_is_left_as_latex(built):
    for path in (built / "modules").glob("*.html"):
        text = re.sub(r"<pre.*?</pre>|<code.*?</code>|<script.*?</script>", "",
                      path.read_text(encoding="utf-8"), flags=re.DOTALL)  # fmt: skip
        assert not re.search(r"\\(frac|text|sum|le|times|cdot)\b", text), path.name


# --- The course's own site in a browser -----------------------------------------------------------


@pytest.fixture(scope="session")
def served_site(built):
    from tests.chromium import served

    with served(built) as address:
        yield address


@pytest.fixture(scope="session")
def tab():
    from tests.chromium import browser

    with browser() as tab:
        yield tab


@pytest.mark.browser
def test_no_page_scrolls_sideways_complains_or_asks_another_host(built, served_site, tab):
    problems = []
    for path in pages_of(built):
        name = path.relative_to(built).as_posix()
        tab.resize(DESKTOP)
        tab.open(urljoin(served_site + "/", name))
        for width in (DESKTOP, PHONE):
            tab.resize(width)
            if (wide := tab.ask("document.documentElement.scrollWidth")) > width:
                problems.append(f"{name} is {wide} px wide on a screen of {width}")
        problems += [f"{name} complains: {text}" for text in tab.complaints]
        problems += [
            f"{name} asks {url}"
            for url in tab.requests
            if not url.startswith((served_site, "data:", "about:", "blob:"))
        ]
    assert not problems


@pytest.mark.browser
def test_what_is_folded_is_closed_and_opens(served_site, tab):
    tab.resize(DESKTOP)
    tab.open(f"{served_site}/modules/{list_modules()[0]}.html")
    assert tab.ask("document.querySelectorAll('.bd-article details[open]').length") == 0
    hidden = "document.querySelector('.bd-article details.hide pre').checkVisibility()"
    assert tab.ask(hidden) is False
    tab.ask("document.querySelector('.bd-article details.hide summary').click()")
    tab.until(hidden)


@pytest.mark.browser
@pytest.mark.parametrize("word", ["quintile", "acquisition_cost", "Lanternleaf"])
def test_search_finds_a_word(served_site, tab, word):
    tab.open(f"{served_site}/search.html?q={word}")
    tab.until("document.querySelectorAll('#search-results ul.search li a').length > 0")


@pytest.mark.browser
def test_the_site_also_opens_from_a_folder(built, tab):
    tab.open((built / "index.html").as_uri())
    assert tab.complaints == []
    tab.open((built / "search.html").as_uri() + "?q=quintile")
    tab.until("document.querySelectorAll('#search-results ul.search li a').length > 0")
