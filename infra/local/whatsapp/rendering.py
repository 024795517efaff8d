"""A message as the person's phone shows it, from the request and, for templates, the definition. Pure."""

import re
from dataclasses import dataclass, field
from typing import Any

from .errors import GraphError
from .templates import VARIABLE, find_component, find_variables

type Json = dict[str, Any]

_BREAKS_A_VALUE = re.compile(r"[\n\r\t]| {4}")


@dataclass
class Shown:
    """What the phone shows.

    `buttons` are `{"type", "text", "payload" | "url" | …}`, `media` is `{"type", "link" | "id", …}`.
    """

    header: str = ""
    body: str = ""
    footer: str = ""
    media: Json | None = None
    buttons: list[Json] = field(default_factory=list)
    list_button: str = ""
    cards: list["Shown"] = field(default_factory=list)

    @property
    def text(self) -> str:
        own = [part for part in (self.header, self.body, self.footer) if part]
        return "\n".join(own + [card.text for card in self.cards])

    @property
    def all_buttons(self) -> list[Json]:
        return self.buttons + [button for card in self.cards for button in card.buttons]


def fill_template(definition: Json, components: list[Json]) -> Shown:
    """The template with the request's parameters in place.

    Raises 132000 for their number or names, 132012 and 132018 for their form, 132005 when the text becomes
    too long, 131008 and 131009 for buttons.
    """
    by_kind: dict[str, Json] = {}
    buttons: list[Json] = []
    for component in components:
        kind = str(component.get("type", "")).upper()
        if kind == "BUTTON":
            buttons.append(component)
        elif kind in by_kind:
            raise GraphError(132012, f"{kind.lower()}: given more than once")
        else:
            by_kind[kind] = component
    named = definition.get("parameter_format") == "NAMED"
    shown = Shown()
    for kind in by_kind:
        if kind not in ("HEADER", "BODY", "LIMITED_TIME_OFFER", "CAROUSEL") or not find_component(definition, kind):
            raise GraphError(132000, f"{kind.lower()}: the template has no variables there")
    if header := find_component(definition, "HEADER"):
        fill_header(shown, header, read_parameters(by_kind, "HEADER"), named)
    if body := find_component(definition, "BODY"):
        shown.body = fill_text("body", str(body.get("text", "")), read_parameters(by_kind, "BODY"), named, 1024)
    if footer := find_component(definition, "FOOTER"):
        shown.footer = str(footer.get("text", ""))
    if defined := find_component(definition, "BUTTONS"):
        shown.buttons = fill_buttons(defined["buttons"], buttons)
    elif buttons:
        raise GraphError(132000, "buttons: the template has no buttons")
    if find_component(definition, "LIMITED_TIME_OFFER"):
        check_offer_parameter(read_parameters(by_kind, "LIMITED_TIME_OFFER"))
    if carousel := find_component(definition, "CAROUSEL"):
        shown.cards = fill_cards(carousel["cards"], by_kind.get("CAROUSEL", {}), definition)
    return shown


def read_parameters(by_kind: dict[str, Json], kind: str) -> list[Json]:
    """The component's parameters; none when the request leaves it out."""
    parameters = by_kind.get(kind, {}).get("parameters") or []
    if not isinstance(parameters, list) or not all(isinstance(p, dict) for p in parameters):
        raise GraphError(132012, f"{kind.lower()}: parameters must be an array of objects")
    return parameters


def fill_header(shown: Shown, header: Json, parameters: list[Json], named: bool) -> None:
    """Text into `shown.header`, media or a place into `shown.media`."""
    wanted = str(header["format"]).lower()
    if wanted == "text":
        shown.header = fill_text("header", str(header.get("text", "")), parameters, named, 60)
        return
    if len(parameters) != 1:
        raise GraphError(132012, f"header: Format mismatch, expected {wanted.upper()}, received UNKNOWN")
    given = str(parameters[0].get("type", "")).lower()
    wanted = "video" if wanted == "gif" else wanted
    if given != wanted:
        raise GraphError(132012, f"header: Format mismatch, expected {wanted.upper()}, received {given.upper()}")
    media = parameters[0].get(wanted) or {}
    needed = ("latitude", "longitude") if wanted == "location" else ()
    if not all(media.get(key) for key in needed) or (not needed and not (media.get("link") or media.get("id"))):
        raise GraphError(131008, f"header: {wanted} needs {' and '.join(needed) or 'id or link'}")
    if media.get("link") and not str(media["link"]).startswith(("https://", "http://")):
        raise GraphError(131009, f"header: {wanted}.link is not a valid URL")
    shown.media = {"type": wanted, **media}


def fill_text(where: str, text: str, parameters: list[Json], named: bool, longest: int) -> str:
    """`text` with its variables filled (132000, 132012, 132018, 132005)."""
    names = find_variables(text)
    if len(parameters) != len(names):
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match the expected "
            f"number of params ({len(names)})",
        )
    keys = [str(p.get("parameter_name") or "") for p in parameters] if named else names
    if sorted(keys) != sorted(names):
        raise GraphError(132000, f"{where}: parameter_name must be each of {sorted(names)}, not {sorted(keys)}")
    if not named and any("parameter_name" in p for p in parameters):
        raise GraphError(132012, f"{where}: the template's parameters are positional, not named")
    values = {key: read_value(where, parameter) for key, parameter in zip(keys, parameters, strict=True)}
    filled = VARIABLE.sub(lambda match: values[match[1]], text)
    if len(filled) > longest:
        raise GraphError(132005, f"{where}: {len(filled)} characters after filling, at most {longest}")
    return filled


def read_value(where: str, parameter: Json) -> str:
    """The text of a text, currency or date_time parameter."""
    kind = parameter.get("type")
    if kind == "text":
        value = parameter.get("text")
    elif kind in ("currency", "date_time"):
        value = (parameter.get(kind) or {}).get("fallback_value")
    else:
        raise GraphError(132012, f"{where}: Format mismatch, expected TEXT, received {str(kind).upper()}")
    if not isinstance(value, str):
        raise GraphError(132012, f"{where}: parameter of type {kind} needs a string")
    if not value.strip():
        raise GraphError(131008, f"{where}: Parameter of type {kind} is missing {kind} value")
    if _BREAKS_A_VALUE.search(value):
        raise GraphError(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    return value


def fill_buttons(defined: list[Json], given: list[Json]) -> list[Json]:
    """The template's buttons, those with variables filled. `index` counts from 0 and may be a string."""
    by_index: dict[int, Json] = {}
    for component in given:
        try:
            index = int(component.get("index", ""))
        except (TypeError, ValueError):
            raise GraphError(131009, f"buttons: {component.get('index')!r} is not an index") from None
        if not 0 <= index < len(defined):
            raise GraphError(131009, f"buttons: Button at index {index} does not exist in the template")
        wanted, sub_type = str(defined[index]["type"]).lower(), str(component.get("sub_type", "")).lower()
        if sub_type != wanted:
            raise GraphError(131009, f"buttons: Button at index {index} is of type {wanted}, not {sub_type}")
        if index in by_index:
            raise GraphError(132012, f"buttons: index {index} is given twice")
        by_index[index] = component
    return [fill_button(i, button, by_index.get(i)) for i, button in enumerate(defined)]


def fill_button(index: int, defined: Json, given: Json | None) -> Json:
    """One button: reply payload, URL with its suffix, code, or as it stands."""
    kind = str(defined["type"]).lower()
    label = str(defined.get("text") or "")
    parameters = (given or {}).get("parameters") or []
    if given is not None and len(parameters) != 1:
        raise GraphError(132000, f"buttons: Button at index {index} takes one parameter, not {len(parameters)}")
    parameter: Json = parameters[0] if parameters else {}
    if kind == "quick_reply":
        payload = parameter.get("payload", label)
        if (given is not None and parameter.get("type") != "payload") or not isinstance(payload, str):
            raise GraphError(132012, f"buttons: Button at index {index} takes a parameter of type payload")
        if not 1 <= len(payload) <= 256:
            raise GraphError(131009, f"buttons: payload at index {index} must have 1 to 256 characters")
        return {"type": kind, "text": label, "payload": payload}
    if kind == "url":
        return {"type": kind, "text": label, "url": fill_url(index, str(defined["url"]), given, parameter)}
    if kind == "copy_code":
        code = parameter.get("coupon_code")
        if not isinstance(code, str) or not 1 <= len(code) <= 20:
            raise GraphError(131008, f"buttons: Button at index {index} of type copy_code requires a coupon_code")
        return {"type": kind, "text": label or "Copy code", "payload": code}
    if kind == "phone_number":
        return {"type": kind, "text": label, "payload": str(defined.get("phone_number", ""))}
    return {"type": kind, "text": label, "payload": ""}


def fill_url(index: int, url: str, given: Json | None, parameter: Json) -> str:
    """The address with the suffix that its variable takes."""
    if not find_variables(url):
        if given is not None:
            raise GraphError(132000, f"buttons: Button at index {index} of type Url does not take a parameter")
        return url
    suffix = parameter.get("text")
    if given is None or not isinstance(suffix, str) or not suffix.strip():
        raise GraphError(131008, f"buttons: Button at index {index} of type Url requires a parameter")
    if parameter.get("type") != "text" or re.search(r"\s", suffix):
        raise GraphError(132012, f"buttons: Button at index {index} takes a text without white space")
    filled = VARIABLE.sub(lambda _: suffix, url)
    if len(filled) > 2000:
        raise GraphError(132005, f"buttons: the address at index {index} has more than 2000 characters")
    return filled


def check_offer_parameter(parameters: list[Json]) -> None:
    """A limited-time offer needs `expiration_time_ms`."""
    offer = parameters[0].get("limited_time_offer") if len(parameters) == 1 else None
    if not isinstance(offer, dict) or not isinstance(offer.get("expiration_time_ms"), int):
        raise GraphError(132012, "limited_time_offer: expiration_time_ms is required")


def fill_cards(defined: list[Json], given: Json, definition: Json) -> list[Shown]:
    """Each card of a carousel; exactly as many as the template has."""
    cards = given.get("cards") or []
    if len(cards) != len(defined):
        raise GraphError(132000, f"carousel: {len(cards)} cards for a template with {len(defined)}")
    shown = []
    for position, card in enumerate(defined):
        parts = next((c for c in cards if c.get("card_index") == position), None)
        if parts is None:
            raise GraphError(132000, f"carousel: no card with card_index {position}")
        inner = {"parameter_format": definition.get("parameter_format"), "components": card["components"]}
        shown.append(fill_template(inner, parts.get("components") or []))
    return shown
