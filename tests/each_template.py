"""One test for all templates of a language: each is looked at whatever the others are, and each failure is named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps

import pytest

from okaeri.domain.templates import Template

type Test = Callable[..., None]


def each_template(templates: Iterable[Template]) -> Callable[[Test], Test]:
    """Makes of a test of one `template` one of all of them, by language.

    A test for each template and language would cost more than what it looks at.
    """
    by_language: dict[str, list[Template]] = {}
    for template in templates:
        by_language.setdefault(template.locale, []).append(template)

    def look_at_all(test: Test) -> Test:
        @wraps(test)
        def look(*, language: str, **others: object) -> None:
            failures = []
            for template in by_language[language]:
                try:
                    test(template=template, **others)
                except Exception as failure:
                    failure.add_note(f"{template.name} in {language}")
                    failures.append(failure)
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(by_language[language])} templates", failures)

        signature = inspect.signature(test)
        renamed = [
            (p.replace(name="language") if name == "template" else p).replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for name, p in signature.parameters.items()
        ]
        vars(look)["__signature__"] = signature.replace(parameters=renamed)
        return pytest.mark.parametrize("language", sorted(by_language))(look)

    return look_at_all
