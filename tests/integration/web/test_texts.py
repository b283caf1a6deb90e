"""Two complete catalogues: every key that a page uses, in both languages, with the same gaps to fill."""

import re
from pathlib import Path
from string import Formatter

import pytest

from controlplane.billing import claims
from controlplane.provisioning.models import Kind
from controlplane.web.language import Language, catalogue

WEB = Path("controlplane/web")
# A literal key, or the beginning of one that is completed by a value: t('order.' ~ word ~ '.headline')
USED = re.compile(r"""\bt(?:\.plural|\.has)?\(\s*['"]([a-z_0-9]+(?:\.[a-z_0-9]+)+)['"]\s*[,)]""")
IN_CODE = re.compile(r"""language(?:\.plural)?\(\s*"([a-z_0-9]+(?:\.[a-z_0-9]+)+)"\s*[,)]""")
BETWEEN_TAGS = re.compile(r">([^<{}]*[A-Za-zÄÖÜäöü]{3,}[^<{}]*)<")
NAMES = {"SmartPages", "SmartPages ·", "REST:"}  # of products, the same everywhere


def templates() -> list[Path]:
    return sorted((WEB / "templates").rglob("*.html"))


def used() -> set[str]:
    found = {key for file in templates() for key in USED.findall(file.read_text())}
    return found | {key for file in WEB.rglob("*.py") for key in IN_CODE.findall(file.read_text())}


class TestCatalogues:
    def test_know_the_same_keys(self) -> None:
        assert catalogue("de").keys() == catalogue("en").keys()

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_know_every_key_that_is_used(self, language: str) -> None:
        assert len(used()) > 300
        assert sorted(key for key in used() if key not in catalogue(language)) == []

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_have_words_for_every_question_about_money(self, language: str) -> None:
        sources = [file.read_text() for file in sorted(Path("controlplane/billing").glob("*.py"))]
        kinds = {kind for text in sources for kind in re.findall(r'order, kind="(\w+)", about', text)} | {
            *claims.QUESTIONS
        }
        choices = {one for given in claims.CHOICES.values() for one in given}
        choices |= {one for text in sources for given in re.findall(r"choices ?= ?\(([^)]+)\)", text)
                    for one in re.findall(r'"(\w+)"', given)}  # fmt: skip
        assert len(kinds) > 7
        assert len(choices) > 8
        wanted = {f"{family}.{kind}" for family in ("money", "question") for kind in kinds}
        assert sorted((wanted | {f"choice.{one}" for one in choices}) - catalogue(language).keys()) == []

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_leave_nothing_empty(self, language: str) -> None:
        assert [key for key, text in catalogue(language).items() if not text or not all(text)] == []

    def test_have_the_same_gaps_in_both_languages(self) -> None:
        german, english = catalogue("de"), catalogue("en")
        assert [key for key in german if gaps(german[key]) != gaps(english[key])] == []

    def test_no_template_says_anything_that_is_not_in_them(self) -> None:
        loose = {
            (file.name, text.strip())
            for file in templates()
            for text in BETWEEN_TAGS.findall(
                re.sub(r"{% block area %}.*?{% endblock %}|{%.*?%}|{{.*?}}", "", file.read_text(), flags=re.DOTALL)
            )
            if text.strip() not in NAMES
        }
        assert loose == set()

    def test_no_template_switches_escaping_off(self) -> None:
        assert [
            file.name
            for file in templates()
            if re.search(r"\|\s*safe|autoescape|style=|onclick=|hx-on", file.read_text())
        ] == []


class TestNumbers:
    def test_money_dates_and_plurals_are_written_as_people_write_them(self) -> None:
        german, english = Language("de"), Language("en")
        assert (german.money(123450), english.money(123450)) == ("1.234,50\xa0€", "€1,234.50")
        assert (german.money(3900), english.money(3900)) == ("39\xa0€", "€39")
        assert (german.span(60), german.span(300), english.span(7200)) == ("1 Minute", "5 Minuten", "2 hours")


def gaps(text: str | tuple[str, ...]) -> set[str]:
    parts = (text,) if isinstance(text, str) else text
    return {name for part in parts for _literal, name, _form, _how in Formatter().parse(part) if name}


class TestRecords:
    def test_of_processing_name_every_table(self) -> None:
        """Whoever adds a table says whose data it holds, why, and until when."""
        from controlplane.tables import metadata

        text = Path("docs/privacy/processing.md").read_text()
        assert sorted(table.name for table in metadata.sorted_tables if f"`{table.name}`" not in text) == []


class TestReasons:
    @pytest.mark.parametrize("language", ["de", "en"])
    def test_each_that_a_customer_may_read_is_put_into_words(self, language: str) -> None:
        found = {reason for folder in ("provisioning", "domains", "delivery", "billing") for reason in reasons(folder)}
        assert len(found) > 15
        assert sorted(reason for reason in found if f"reason.{reason}" not in catalogue(language)) == []


def reasons(folder: str) -> set[str]:
    """Of findings, and of tables of findings: a word, what is next, and whose turn it is."""
    text = "\n".join(file.read_text() for file in sorted(Path("controlplane", folder).rglob("*.py")))
    given = re.findall(r'Finding\(\s*Health\.\w+,\s*"(\w+)"', text)
    return {*given, *re.findall(r'\("(\w+)", "\w*", Who\.', text), *(kind.value for kind in Kind)}
