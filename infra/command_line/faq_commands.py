"""`okaeri faq …` and `okaeri replies …`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from command_line import faq
from command_line.failures import CommandFailure
from command_line.screen import say, show_table, warn
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.domain.knowledge import QuickReply

app = typer.Typer(help="Common questions and the shop's answers to them.", no_args_is_help=True)
replies = typer.Typer(help="Ready replies of the shop's people.", no_args_is_help=True)

Faq = Annotated[str, typer.Argument(metavar="FAQ", help="The question's name: sizes, gift_wrap, or one of your own.")]
Language = Annotated[str, typer.Option("--language", "-l", help="Language of the words: en, ja, pt_BR.")]
SomeLanguage = Annotated[str | None, typer.Option("--language", "-l", help="In this language alone.")]
Product = Annotated[str | None, typer.Option("--product", help="For this product alone, by the store's id.")]
AnswersFile = Annotated[Path, typer.Argument(metavar="FILE", help="Its ending says how: .yaml, .json or .csv.")]


@app.command("list")
def show_questions(context: typer.Context, store_id: StoreId, language: SomeLanguage = None) -> None:
    """Lists the questions, and by whose words each is answered: the shop's, ours, or nobody's: then a person's."""
    found = faq.list_standings(open_stack(context.obj), store_id, language=_read_language(language))
    languages = tuple(found[0].answered) if found else ()
    show_table(
        ("faq", "question", *languages, "products"),
        [
            (
                standing.faq,
                standing.question,
                *(standing.answered[name] or "—" for name in languages),
                str(standing.products or ""),
            )
            for standing in found
        ],
    )
    open_ones = sum(not any(standing.answered.values()) for standing in found)
    if open_ones:
        say(f"{open_ones} have no answer: a person is offered. Answer one: okaeri faq set {store_id} sizes -l en …")


@app.command("set")
def set_answer(
    context: typer.Context,
    store_id: StoreId,
    name: Faq,
    language: Language,
    answer: Annotated[str | None, typer.Option("--answer", help="What is said. May name {{ store.contact }}.")] = None,
    question: Annotated[
        str | None, typer.Option("--question", help="As a list shows it, at most 24 characters.")
    ] = None,
    phrases: Annotated[
        list[str] | None,
        typer.Option("--phrase", help="How shoppers ask it; repeat it. Takes the place of those before."),
    ] = None,
    product: Product = None,
    place: Annotated[int | None, typer.Option("--place", help="Where it stands in the list, from 1.")] = None,
) -> None:
    """Answers a question in one language, or changes what is given. One of your own needs a question and phrases."""
    if product and answer is None:
        raise CommandFailure("--product needs what is said of it", at="--answer", fix="Give the answer.")
    done = faq.set_answer(
        open_stack(context.obj),
        store_id,
        name,
        _read_language(language) or language,
        answer=answer,
        question=question,
        phrases=phrases or (),
        product=product,
        place=place,
    )
    whose = f" for {product}" if product else ""
    say(f"✓ {done.faq} ({done.locale}){whose} is kept. Shoppers are told so within half a minute.")


@app.command("remove")
def remove_answer(
    context: typer.Context, store_id: StoreId, name: Faq, language: SomeLanguage = None, product: Product = None
) -> None:
    """Takes the shop's words away, in every language unless one is named. A question of ours has our words again."""
    gone = faq.remove_answer(open_stack(context.obj), store_id, name, locale=_read_language(language), product=product)
    say(f"✓ {name} is removed in {', '.join(sorted(answer.locale for answer in gone))}.")


@app.command("import")
def import_answers(context: typer.Context, store_id: StoreId, path: AnswersFile) -> None:
    """Takes the answers of a file; each replaces the one before. Says what was refused, and why."""
    taken, refused = faq.import_answers(open_stack(context.obj), store_id, path)
    for problem in refused:
        warn(f"{path.name}: {problem.where}: {problem.what} {problem.fix}")
    say(f"✓ {taken} answers are taken from {path.name}.")
    if refused:
        raise CommandFailure(
            f"{len(refused)} mistakes: what they are in was not taken",
            at=str(path),
            fix="Mend them and import it again.",
        )


@app.command("export")
def export_answers(
    context: typer.Context,
    store_id: StoreId,
    path: AnswersFile,
    with_open: Annotated[
        bool, typer.Option("--open", help="Also the questions that nobody answers yet, for you to fill in.")
    ] = False,
) -> None:
    """Writes the shop's answers to a file that `import` takes."""
    written, still_open = faq.export_answers(open_stack(context.obj), store_id, path, with_open=with_open)
    say(f"✓ {written} answers{f' and {still_open} open questions' if with_open else ''} are in {path}.")


@replies.command("list")
def show_replies(context: typer.Context, store_id: StoreId) -> None:
    """Lists the ready replies."""
    found = faq.list_replies(open_stack(context.obj), store_id)
    if found:
        show_table(("name", "language", "text"), [(reply.name, reply.locale, reply.text) for reply in found])
    else:
        say(f"None yet. Write one: okaeri replies set {store_id} thanks -l en --text …")


@replies.command("set")
def set_reply(
    context: typer.Context,
    store_id: StoreId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="How your people find it: thanks, late_parcel.")],
    language: Language,
    text: Annotated[str, typer.Option("--text", help="What is written into the reply; a person reads it first.")],
) -> None:
    """Makes or changes a ready reply."""
    reply = QuickReply(name=name, locale=_read_language(language) or language, text=text)
    faq.set_reply(open_stack(context.obj), store_id, reply)
    say(f"✓ {reply.name} is ready in {reply.locale}.")


@replies.command("remove")
def remove_reply(
    context: typer.Context,
    store_id: StoreId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As listed.")],
    language: SomeLanguage = None,
) -> None:
    """Takes a ready reply away, in every language unless one is named."""
    gone = faq.remove_reply(open_stack(context.obj), store_id, name, locale=_read_language(language))
    say(f"✓ {name} is removed in {gone} {'language' if gone == 1 else 'languages'}.")


def _read_language(text: str | None) -> str | None:
    """`pt-br` is `pt_BR`."""
    if text is None:
        return None
    language, _, country = text.replace("-", "_").partition("_")
    return f"{language.lower()}_{country.upper()}" if country else language.lower()
