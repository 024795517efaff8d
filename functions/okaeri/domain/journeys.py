"""Compiled journeys: what the engine walks.

Made from YAML by `okaeri.catalogue.compile_journeys`, kept in the table under their content hash.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from okaeri.domain.conditions import Condition, Span
from okaeri.domain.values import Channel, Purpose, Value

# What kind of thing a message says, for results; `contents` finds it.
type Content = Literal["order", "answer", "question", "reminder", "offer", "news", "care"]


class Moment(Value):
    """A date in the data plus an offset; `otherwise` is the wait where the field is empty."""

    field: str
    plus: timedelta = timedelta(0)
    otherwise: Span | None = None


class EventMatch(Value):
    """An event that shares a reference named `match` (order.id, cart.token) with the run: they concern one thing.

    `when` must hold of the event too, read in the run's scene.
    """

    event: str
    match: str
    reason: str = ""
    when: Condition | None = None


class WaitStep(Value):
    """Waits for a span, until a local time and weekday, until a date in the data, until quiet, or for events.

    `events` ends at the first of them, with `all_of` at the last; `timeout` or `timeout_at` end it otherwise.
    `best_hour` waits for the hour at which this customer is most often there, `at` where none is known.
    """

    op: Literal["wait"] = "wait"
    span: Span | None = None
    at: str | None = None  # "10:00", the customer's own time zone
    on: tuple[int, ...] = ()  # days of the week, 0 is Monday
    best_hour: bool = False
    until: Moment | None = None
    unchanged_for: Span | None = None
    events: tuple[EventMatch, ...] = ()
    all_of: bool = False
    timeout: Span | None = None
    timeout_at: Moment | None = None
    line: int = 0


class JumpStep(Value):
    """Goes to step `to`, or does so unless `unless` holds. Branches compile to these."""

    op: Literal["jump"] = "jump"
    unless: Condition | None = None
    to: int
    line: int = 0


class SplitStep(Value):
    """Draws an arm by a stable hash of run and `split`; the arm's name is `split.<split>` in conditions.

    `weights` are parts of their sum, `names` and `weights` are of one length.
    """

    op: Literal["split"] = "split"
    split: str
    names: tuple[str, ...]
    weights: tuple[int, ...]
    line: int = 0


class SendStep(Value):
    """Says something: on the first channel that can reach the customer, or on each (`both`).

    `gather` waits that long for siblings (the same journey and template, about another parcel or cart) and says
    one thing for all of them. `valid_for` is how long it may be put off; the template's own where it is None.
    With `survey` it asks for an opinion that is given elsewhere (a review): one of these and of the surveys in the gap.
    With `best` marketing goes first by the channel that the customer heeds, of those listed, once that is known.
    """

    op: Literal["send"] = "send"
    template: str
    channels: tuple[Channel, ...] = (Channel.WHATSAPP, Channel.EMAIL)
    best: bool = False
    both: bool = False
    purpose: Purpose | None = None
    content: Content | None = None
    gather: Span | None = None
    valid_for: Span | None = None
    survey: bool = False
    line: int = 0


class Choices(Value):
    """Answers that come from the data: at most 10, in a list of WhatsApp. `extra` answers of `answers` come last.

    `of` is one of `orders` (the latest of the customer's), `open_orders` (not delivered, not cancelled), `lines` (of
    the run's order), `products` (what a find step of this id found), `languages` (the shop's), `faq` (likely
    questions), `guesses` (what the words may have meant), `product_types` (of the shelf, the commonest first), `tags`
    (those that a setting names), `budgets` (limits that divide the prices of what a find step of this id finds),
    `cart_lines` (of the run's cart, or of its order, those that a `cart_link` has not left out yet).
    """

    of: Literal[
        "orders",
        "open_orders",
        "lines",
        "products",
        "languages",
        "faq",
        "guesses",
        "product_types",
        "tags",
        "budgets",
        "cart_lines",
    ]
    find: str = ""  # with `products` and `budgets`: the find step's id
    setting: str = ""  # with the last three: the field of the setting that lists the shop's own, with commas


class AskStep(Value):
    """Asks, and waits for the answer; `answer.<ask>` in conditions is the answer's name, or the text that was typed.

    `answers` maps each answer's name to words that mean it when they are typed (the buttons' payloads name it
    themselves). `choices` adds answers from the data; `answer.<ask>` is then a thing's id. `text` takes any words,
    `media` a picture. Other words are no answer: asked again with `again_template` at most `retries` times.
    Ends with outcome `answered`, `skipped`, `timeout` or `unreachable`.
    """

    op: Literal["ask"] = "ask"
    ask: str
    template: str
    channels: tuple[Channel, ...] = (Channel.WHATSAPP, Channel.EMAIL)
    best: bool = False
    purpose: Purpose | None = None
    content: Content | None = None
    answers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    choices: Choices | None = None
    text: bool = False
    media: bool = False
    timeout: Span
    retries: int = 0
    again_template: str | None = None
    valid_for: Span | None = None
    line: int = 0


class FocusStep(Value):
    """Makes the run be about one of the customer's orders: the one that `order` (a field) names, or the `latest`.

    An order that is not the customer's is none: `run.outcome` is `focused` or `none`.
    """

    op: Literal["focus"] = "focus"
    order: str
    line: int = 0


class FindStep(Value):
    """Chooses products off the shelf: `find.<find>` is how many were found.

    `where` narrows: `type`, `tag` (fields whose value must be the product's), `price_at_most`, `price_at_least`. One
    that would leave nothing is let go, the last first.
    """

    op: Literal["find"] = "find"
    find: str
    where: dict[str, str] = Field(default_factory=dict)  # what to compare → the field that holds the value
    most: int = 5
    line: int = 0


class ChangeOrderStep(Value):
    """Has the run's order changed in the store, where the store and the order's state allow it, and waits.

    `wanted` maps what is needed (`note`; `name`, `address1`, `address2`, `city`, `zip`; `line`, `variant`; `reason`) to
    fields. The outcome is `done`, `refused` (the store does not, or no more), `failed` or `timeout`;
    `change.<change>.reason` says why.
    """

    op: Literal["change_order"] = "change_order"
    change: str
    do: Literal["cancel", "address", "variant", "note", "return"]
    wanted: dict[str, str] = Field(default_factory=dict)
    line: int = 0


class LanguageStep(Value):
    """Speaks to the customer in another language from now on: the locale that a field holds."""

    op: Literal["language"] = "language"
    language: str
    line: int = 0


class ConsentStep(Value):
    """Notes that the customer agreed, or withdrew, just now, in what they answered: an entry of the ledger with it.

    `files` names the field with the files, comma separated, that may be shown from now on.
    """

    op: Literal["consent"] = "consent"
    channel: Channel = Channel.WHATSAPP
    purpose: Literal["order", "marketing", "all", "publish"] = "marketing"
    given: bool = True
    files: str = ""
    line: int = 0


class RecordStep(Value):
    """Keeps the answers so far as a response to a survey. `score` names the field that holds the number."""

    op: Literal["record"] = "record"
    survey: str
    score: str | None = None
    answers: dict[str, str] = Field(default_factory=dict)  # name → field
    line: int = 0


class EscalateStep(Value):
    """Moves the run's ticket to the front: high priority, marked as escalated."""

    op: Literal["escalate"] = "escalate"
    line: int = 0


class TagStep(Value):
    """Adds tags to the customer, and takes some away. `each` is a field with a list: a tag of each, after `prefix`."""

    op: Literal["tag"] = "tag"
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    each: str = ""
    prefix: str = ""
    line: int = 0


class SetStep(Value):
    """Sets an attribute of the customer (`customer.attributes.<name>`): a fixed text, or a field's value."""

    op: Literal["set"] = "set"
    attribute: str
    value: str | None = None
    field: str | None = None
    line: int = 0


class EmitStep(Value):
    """Makes an event `custom.<name>` of this customer, which may start other journeys. `data` names fields."""

    op: Literal["emit"] = "emit"
    event: str
    data: dict[str, str] = Field(default_factory=dict)
    line: int = 0


class TicketStep(Value):
    """Opens a ticket for the shop's people, due after `due`. While it is open, marketing is silent."""

    op: Literal["ticket"] = "ticket"
    queue: str
    subject: str = ""
    priority: Literal["low", "normal", "high"] = "normal"
    due: Span | None = None
    hours: bool = False  # `due` counts the shop's hours alone
    hand_over: bool = False  # the talk is a person's from now on, until it is solved
    stage: str = ""
    data: dict[str, str] = Field(default_factory=dict)  # name → field, for who works on it
    line: int = 0


class CallStep(Value):
    """Calls one of the shop's webhooks, signed (Standard Webhooks), and waits for its answer.

    `webhook` is a name in the store's settings, so a journey can reach no address that the shop did not list.
    `data` maps names in the body to fields. The answer's flat JSON is `call.<call>.<name>` in conditions; the
    outcome is `answered`, `failed` or `timeout`.
    """

    op: Literal["call"] = "call"
    call: str
    webhook: str
    data: dict[str, str] = Field(default_factory=dict)
    timeout: Span
    line: int = 0


class CouponStep(Value):
    """Gives this run a single-use code; `coupon.<coupon>` is the code.

    It comes from the shop's pool of this name, or with `percent` or `amount` (each a number or a field) it is made in
    the store: worth that much, good for `days`, from an order of `minimum` on. What it is worth is frozen here:
    `coupon.<coupon>.percent`, `.amount`, `.last_day`. A pool beside them stands in where the store makes no codes.
    `budget` is what all codes of the journey may be worth in a month, in the store's currency; `worth` what one counts
    for where that is not its amount. `uses` makes it a code to pass on: so many orders may use it, each customer once,
    and its owner hears of each (`referral.used`). When it was given is `customer.rewarded.<coupon>`. The outcome is
    `issued`, `failed` (no code left, over the budget) or `timeout`.
    """

    op: Literal["coupon"] = "coupon"
    coupon: str
    pool: str = ""
    percent: str = ""
    amount: str = ""
    days: str = ""
    minimum: str = ""
    budget: str = ""
    worth: str = ""
    uses: str = ""
    line: int = 0


class RecommendStep(Value):
    """Chooses products for the customer: `find.<find>` is how many, as after a find step.

    `kind`: what is like what they have at hand, goes with it, costs less, is better, or is bought most. `of` is what
    they have at hand: the run's order, cart or product, or all that the customer bought lately.
    """

    op: Literal["recommend"] = "recommend"
    find: str
    kind: Literal["similar", "complementary", "cheaper", "better", "popular"]
    of: Literal["order", "cart", "product", "customer"]
    most: int = 4
    line: int = 0


class CartLinkStep(Value):
    """Makes the address of a cart filled with the lines of the run's order or cart, or with its product.

    `link.<link>` is the address, `link.<link>.missing` names what cannot be bought now, `link.<link>.items` what is in
    it. `without` is a field with the id of a line to leave out; it stays left out of later links of this id. The
    outcome is `made`, or `none` where nothing is left or the store knows no such address.
    """

    op: Literal["cart_link"] = "cart_link"
    link: str
    of: Literal["order", "cart", "product"]
    without: str = ""
    line: int = 0


class PointsStep(Value):
    """Gives loyalty points (`add`), or takes some (`take`): a number or a field. Once for each run and step.

    With `money` the field is an amount in the store's currency and the programme's rate makes points of it; of an
    order's field they are brought to that level, so that the step after a refund takes back what was given too much.
    How many it moved is `points.<reason>`, what they are worth `points.<reason>.worth`. The outcome is `done`, `short`
    (fewer points than are to be taken) or `none` (no programme, or nothing to give or take).
    """

    op: Literal["points"] = "points"
    add: str = ""
    take: str = ""
    money: bool = False
    reason: str
    line: int = 0


class DrawStep(Value):
    """Draws whether this customer wins, `percent` (a number or a field) of a hundred, by a stable hash.

    The same customer draws the same lot all `per`: each week, month, or for ever (`once`). The outcome is `won` or
    `lost`.
    """

    op: Literal["draw"] = "draw"
    draw: str
    percent: str
    per: Literal["week", "month", "once"] = "week"
    line: int = 0


class ExitStep(Value):
    """Ends the run with a reason."""

    op: Literal["exit"] = "exit"
    reason: str = "done"
    line: int = 0


Step = Annotated[
    WaitStep
    | JumpStep
    | SplitStep
    | SendStep
    | AskStep
    | TagStep
    | SetStep
    | EmitStep
    | TicketStep
    | CallStep
    | CouponStep
    | FocusStep
    | FindStep
    | ChangeOrderStep
    | LanguageStep
    | ConsentStep
    | RecordStep
    | EscalateStep
    | RecommendStep
    | CartLinkStep
    | PointsStep
    | DrawStep
    | ExitStep,
    Field(discriminator="op"),
]


class Goal(Value):
    """What the journey is for. Reached when one of `events` comes within `within` after the run's first message.

    A run in progress ends with reason `goal` when `ends`; one that has ended is credited all the same.
    """

    events: tuple[EventMatch, ...]
    within: timedelta
    ends: bool = True


class ReentryLimit(Value):
    """At most `times` runs of one key in any `per`."""

    times: int
    per: timedelta


type Need = Literal["past_orders", "order_products"]


class Definition(Value):
    """A journey of one version. `key` names the reference that makes a run unique (order.id, cart.token, customer).

    `again`: never a second run of a key, one after the former has ended, or always (also beside it); `again_limit`
    bounds either. `content` is the kind of what it says, where its purpose does not tell (`contents`). `holdout`
    percent of the customers, by a stable hash, get nothing and are counted for comparison.
    `priority` decides between journeys that want the same place in the customer's attention: higher wins. `needs` is
    what must be read for its conditions and steps beside the order or cart at hand.
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    journey: str
    version: int
    purpose: Purpose
    content: Content | None = None
    events: tuple[str, ...]
    key: str
    when: Condition | None = None
    again: Literal["never", "after_end", "always"] = "never"
    again_limit: ReentryLimit | None = None
    exits: tuple[EventMatch, ...] = ()
    goal: Goal | None = None
    holdout: int = 0
    priority: int = 50
    steps: tuple[Step, ...]
    settings: dict[str, str] = Field(default_factory=dict)
    needs: tuple[Need, ...] = ()

    model_config = Value.model_config | {"populate_by_name": True}
