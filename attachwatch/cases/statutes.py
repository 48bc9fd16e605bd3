"""What the law gives an authority for its answer, by jurisdiction. Pure.

The periods are information, not advice.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """`count` of `unit`: working days, days, weeks or months. All but the first end on the next working day where they
    would not end on one."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {self.unit}" if self.count != 1 else f"one {self.unit.removesuffix('s')}"


@dataclass(frozen=True, slots=True)
class Statute:
    """What a law gives an authority for its answer, and for an internal review where there is one; and where that
    stands. `extension` is what the authority may add to the answer's period, and when."""

    answer: Period
    source: str
    review: Period | None = None
    review_source: str = ""
    extension: str = ""


def working(count: int) -> Period:
    return Period(count, "working days")


STATUTES = {
    # Working days are those of the whole United Kingdom: s 10(6), reg 2(1).
    "GB": Statute(
        working(20),
        "Freedom of Information Act 2000 s 10(1); Environmental Information Regulations 2004 reg 5(2)",
        working(20),
        "section 45 Code of Practice 2018, part 5; under the Environmental Information Regulations 40: reg 11(4)",
        "by a reasonable time for the public interest test: s 10(3); to 40 working days: reg 7(1)",
    ),
    # Working days are those of Scotland: s 73.
    "GB-SCT": Statute(
        working(20),
        "Freedom of Information (Scotland) Act 2002 s 10(1)",
        working(20),
        "Freedom of Information (Scotland) Act 2002 s 21(1)",
        "to 40 working days, for environmental information alone: Environmental Information (Scotland) Regulations "
        "2004 reg 7(1)",
    ),
    # Four and three weeks; a week is five weekdays that are no public holidays: s 2(1).
    "IE": Statute(
        working(20),
        "Freedom of Information Act 2014 s 13(1)",
        working(15),
        "Freedom of Information Act 2014 s 21",
        "by up to 4 weeks: s 14(1)",
    ),
    "US": Statute(
        working(20),
        "5 U.S.C. 552(a)(6)(A)(i), federal agencies",
        working(20),
        "5 U.S.C. 552(a)(6)(A)(ii)",
        "by up to 10 working days in unusual circumstances: 5 U.S.C. 552(a)(6)(B)(i)",
    ),
    # Working days are those of the institutions: Regulation (EEC, Euratom) 1182/71 art 2(2).
    "EU": Statute(
        working(15),
        "Regulation (EC) 1049/2001 art 7(1)",
        working(15),
        "Regulation (EC) 1049/2001 art 8(1)",
        "by 15 working days in exceptional cases: art 7(3)",
    ),
    # The end on a working day: Acts Interpretation Act 1901 s 36(2).
    "AU": Statute(
        Period(30, "days"),
        "Freedom of Information Act 1982 (Cth) s 15(5)(b)",
        Period(30, "days"),
        "Freedom of Information Act 1982 (Cth) s 54C(3)",
        "by 30 days for consultation: s 15(6), or with your consent: s 15AA",
    ),
    "CA": Statute(
        Period(30, "days"),
        "Access to Information Act s 7, federal institutions",
        extension="by a reasonable time: s 9(1)",
    ),
    # The end on a working day: VwVfG § 31(3).
    "DE": Statute(
        Period(1, "months"), "Informationsfreiheitsgesetz § 7(5), federal authorities", Period(3, "months"), "VwGO § 75"
    ),
    # Silence for a month is a refusal, of which the CADA may then be told within two: R. 343-1.
    "FR": Statute(
        Period(1, "months"), "Code des relations entre le public et l'administration R. 311-12 and R. 311-13"
    ),
    # The end on a working day: Algemene termijnenwet art 1(1).
    "NL": Statute(
        Period(4, "weeks"), "Wet open overheid art 4.4(1)", extension="by up to 2 weeks: Wet open overheid art 4.4(2)"
    ),
    # The end on a working day: Ley 39/2015 art 30.5.
    "ES": Statute(
        Period(1, "months"), "Ley 19/2013 art 20.1", extension="by a month where there is much to find: art 20.1"
    ),
    "IT": Statute(
        Period(30, "days"),
        "decreto legislativo 33/2013 art 5(6)",
        Period(20, "days"),
        "decreto legislativo 33/2013 art 5(7)",
        "by up to 10 days while others are heard: art 5(5)",
    ),
}


def statute_of(jurisdiction: str) -> Statute | None:
    """The law of a region where it has its own here, else its country's; None where neither is known."""
    return STATUTES.get(jurisdiction) or STATUTES.get(jurisdiction.partition("-")[0])


def jurisdiction_problem(jurisdiction: str) -> str | None:
    """What is wrong with an ISO 3166 code such as "GB", "DE-BE", and which are known; None where nothing is."""
    if jurisdiction in STATUTES:
        return None
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=False)
    country, dash, region = jurisdiction.partition("-")
    if country not in known or (dash and country == "EU"):
        codes = sorted({*(c for c in known if len(c) == 2), *STATUTES})
        return f"there is no jurisdiction {jurisdiction!r}; known: {', '.join(codes)}"
    if dash and region not in known[country]:
        regions = ", ".join(f"{country}-{r}" for r in known[country]) or f"{country} alone"
        return f"there is no jurisdiction {jurisdiction!r}; known: {regions}"
    return None
