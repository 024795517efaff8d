"""A click is a person's, unless something says otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler_list import write_crawlers
from okaeri.adapters.visitor_agents import recognise_machine
from okaeri.domain.visits import Visit, judge_visits, name_link
from tests.fakes import START
from tests.template.stack import ROOT

DELIVERED = START
SHOP, HELP = name_link("https://shop.example"), name_link("https://shop.example/help")


def visit(seconds: float, link: str = SHOP, machine: str = "") -> Visit:
    return Visit(DELIVERED + timedelta(seconds=seconds), link, machine)


@pytest.mark.parametrize(
    ("visits", "visitor"),
    [
        ([], None),
        ([visit(60)], "person"),
        ([visit(60, machine="crawler")], "machine"),
        ([visit(1)], "machine"),  # nobody reads that fast
        ([visit(60, SHOP), visit(61, HELP)], "machine"),  # through all of a mail's links
        ([visit(60, SHOP), visit(62, SHOP)], "person"),  # the same link again: an impatient finger
        ([visit(60, SHOP), visit(90, HELP)], "person"),
        ([visit(1), visit(2, HELP), visit(600)], "person"),  # a scanner first, then the reader
    ],
)
def test_who_followed_the_links(visits: list[Visit], visitor: str | None) -> None:
    assert judge_visits(visits, DELIVERED) == visitor


def test_where_nobody_told_of_the_delivery_the_rest_decides() -> None:
    assert judge_visits([visit(1)], None) == "person"


@pytest.mark.parametrize(
    ("agent", "machine"),
    [
        ("Mozilla/5.0", "apple_mail_privacy"),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko (via ggpht.com GoogleImageProxy)", "google_image_proxy"),
        ("Mozilla/5.0 (compatible; Barracuda Sentinel)", "mail_scanner"),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "crawler"),
        ("WhatsApp/2.24.6.77 A", "crawler"),
        ("curl/8.5.0", "crawler"),
        ("python-requests/2.32.3", "crawler"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile", ""),
        ("Mozilla/5.0 (Linux; Android) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36", ""),
        ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0; ms-office; MSOffice 16)", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_programs_are_known_by_the_name_that_they_give_themselves(agent: str, machine: str) -> None:
    assert recognise_machine(agent) == machine


def test_the_list_of_programs_is_the_one_that_is_kept_up_to_date() -> None:
    kept = (ROOT / "functions/okaeri/catalogue/crawlers.json").read_text("utf-8")
    assert kept == write_crawlers(), "python -m crawler_list > functions/okaeri/catalogue/crawlers.json"
