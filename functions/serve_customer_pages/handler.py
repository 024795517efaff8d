"""HTTP: pages that stop and confirm marketing e-mails, pages that take answers and letters, links that lead on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from okaeri import wiring
from okaeri.adapters.customer_pages import CustomerPages, make_security_policy
from okaeri.domain.pages import PageKind
from okaeri.errors import TryAgain
from okaeri.observability import make_logger
from okaeri.posted_text import read_posted_text
from okaeri.settings.serve_customer_pages import ServeCustomerPagesSettings
from okaeri.use_cases.serve_customer_pages import Answer, Visitor
from serve_customer_pages.visitors import read_visitor

# Nobody keeps, indexes or frames these pages, and the token in their address goes nowhere else.
HEADERS = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

settings = ServeCustomerPagesSettings.from_environment()
logger = make_logger(settings)
pages = CustomerPages()
serve_customer_pages = wiring.serve_customer_pages(settings, pages)
take_letter_form = wiring.take_letter_form(settings, pages)
# Links are followed far more often than questions are answered: no cold start waits for these.
open_answers = cache(lambda: wiring.take_answers(settings))


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """API Gateway's HTTP API, payload format 2.0."""
    visitor = read_visitor(event)
    try:
        answer = answer_request(event, visitor)
    except TryAgain as error:
        logger.error("page not served", code=error.code)
        answer = Answer(503, PageKind.LATER)
    store_id = answer.store.store_id if answer.store else None
    logger.info("page", route=event["routeKey"], status=answer.status, page=answer.page, store=store_id)
    if answer.page is None:
        return {"statusCode": answer.status, "headers": HEADERS | {"location": answer.location or ""}}
    page_headers = HEADERS | {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": make_security_policy(),
    }
    given = answer.given
    languages = (given.locale, *visitor.languages) if given else visitor.languages
    body = pages.render(
        answer.page,
        answer.store,
        languages,
        said=given.text if given else "",
        questions=answer.questions,
        form=answer.form,
        answers_by=answer.answers_by,
        now=wiring.read_clock(),
    )
    return {"statusCode": answer.status, "headers": page_headers, "body": body}


def answer_request(event: dict[str, Any], visitor: Visitor) -> Answer:
    """Asks the use case what the route means."""
    pages_of: dict[str, Callable[[Visitor], Answer]] = {
        "GET /u/{token}": serve_customer_pages.show_unsubscribe,
        "GET /c/{token}": serve_customer_pages.show_confirmation,
        "POST /c/{token}": serve_customer_pages.confirm_subscription,
        "GET /a/{token}": lambda visitor: open_answers().show(visitor),
        "GET /l/{token}": serve_customer_pages.follow_link,
        "HEAD /l/{token}": serve_customer_pages.follow_link,
        "GET /f/{store}": take_letter_form.show,
    }
    forms_of: dict[str, Callable[[Visitor, str], Answer]] = {
        "POST /u/{token}": serve_customer_pages.change_subscription,
        "POST /a/{token}": lambda visitor, body: open_answers().take(visitor, body),
        "POST /f/{store}": take_letter_form.take,
    }
    route = event["routeKey"]
    if route in forms_of:
        return forms_of[route](visitor, read_posted_text(event))
    return pages_of[route](visitor) if route in pages_of else Answer(404, PageKind.BROKEN)
