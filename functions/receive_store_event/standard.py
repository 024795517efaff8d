"""Our own store API: what each event is evidence of, and each mistake in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import ValidationError

from okaeri.domain.evidence import (
    CartSeen,
    ConsentSeen,
    CustomerSeen,
    Evidence,
    InterestSeen,
    OrderChanged,
    OrderSeen,
    ProductSeen,
    ShipmentSeen,
)
from okaeri.domain.orders import (
    Address,
    Buyer,
    Cart,
    OptIn,
    Order,
    OrderLine,
    Payment,
    Product,
    ProductCare,
    Refund,
    Shipment,
    ShipmentStatus,
    Variant,
)
from okaeri.domain.stores import Store
from okaeri.use_cases.receive_store_event import Reading, Request
from receive_store_event.buyers import choose_quiet, collect_opt_ins, is_cash_on_delivery, make_buyer
from receive_store_event.payload import load_json, to_utc, to_utc_or_none
from receive_store_event.standard_events import (
    AddressData,
    AnyStoreEvent,
    CareData,
    CartData,
    CartUpdated,
    ConsentData,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerData,
    CustomerUpdated,
    InterestData,
    LineData,
    NotifyRequested,
    OptInData,
    OrderCancelled,
    OrderData,
    OrderFactData,
    OrderPaid,
    OrderPaymentFailed,
    OrderPlaced,
    OrderRefunded,
    OrderUpdated,
    ProductData,
    ProductUpdated,
    ProductViewed,
    RefundData,
    ShipmentData,
    ShipmentUpdated,
    StockChanged,
    StockData,
    WishlistAdded,
    WithdrawalData,
    build_event_model,
)
from receive_store_event.standard_mistakes import explain_mistakes


class Standard:
    """The dialect of our own store API: Standard Webhooks."""

    accepted = 202

    def is_ping(self, request: Request) -> bool:
        """There is none: a developer who wants to see an answer signs an event."""
        return False

    def check_sender(self, request: Request, store: Store) -> None:
        """Each store has a secret of its own, so a good signature already names the shop."""

    def read(self, request: Request, store: Store, now: datetime) -> Reading:
        """Raises EventInvalid with every mistake. `webhook-id` is the idempotency key."""
        try:
            event = build_event_model().validate_python(load_json(request.body))
        except ValidationError as error:
            raise explain_mistakes(error) from None
        except RecursionError:
            raise explain_mistakes(None) from None
        moment = to_utc(event.timestamp, now)
        return Reading(
            source=f"standard:{event.type}",
            delivery=request.headers["webhook-id"],
            evidence=(_read_event(event, store, moment, now),),
        )


def _read_event(event: AnyStoreEvent, store: Store, at: datetime, now: datetime) -> Evidence:
    match event:
        case OrderPlaced() | OrderUpdated():
            return _read_order(event.data, store, at, now)
        case OrderPaid():
            return _read_fact(event.data, "paid", at)
        case OrderPaymentFailed():
            return _read_fact(event.data, "payment_failed", at)
        case OrderCancelled():
            return _read_fact(event.data, "cancelled", at)
        case OrderRefunded():
            return _read_refund(event.data, at)
        case ShipmentUpdated():
            return _read_shipment(event.data, at)
        case CartUpdated():
            return _read_cart(event.data, store, at)
        case CustomerUpdated():
            return CustomerSeen(buyer=_make_buyer(event.data, store), at=at)
        case ConsentGiven():
            return _read_consent(event.data, store, at, given=True)
        case ConsentWithdrawn():
            return _read_consent(event.data, store, at, given=False)
        case ProductUpdated():
            return _read_product(event.data, at)
        case StockChanged():
            return _read_stock(event.data, at)
        case ProductViewed():
            return _read_interest(event.data, store, at, "viewed")
        case NotifyRequested():
            asked = event.data
            return _read_interest(asked, store, at, asked.wish, gone=asked.withdrawn, opt_ins=asked.opt_ins)
        case WishlistAdded():
            saved = event.data
            return _read_interest(saved, store, at, "wishlist", gone=saved.removed, opt_ins=saved.opt_ins)


def _read_order(data: OrderData, store: Store, at: datetime, now: datetime) -> OrderSeen:
    created_at = to_utc(data.created_at, at)
    quiet = choose_quiet(store, created_at, now, {"test": data.test})
    buyer = _make_buyer(data.customer, store, data.shipping_address)
    return OrderSeen(
        order=Order(
            order_id=data.order_id,
            name=data.name or f"#{data.order_id}",
            created_at=created_at,
            updated_at=to_utc(data.updated_at, at),
            buyer=buyer,
            currency=data.currency,
            lines=_make_lines(data.lines),
            subtotal=data.subtotal,
            discount=data.discount,
            coupon_codes=tuple(data.coupon_codes),
            shipping=data.shipping,
            tax=data.tax,
            tax_included=data.tax_included,
            total=data.total,
            payment=Payment(data.payment),
            payment_method=data.payment_method,
            offline_payment=data.offline_payment,
            cash_on_delivery=data.offline_payment and is_cash_on_delivery(data.payment_method or ""),
            payment_instructions=data.payment_instructions,
            payment_url=data.payment_url,
            shipping_method=data.shipping_method,
            shipping_address=Address(**data.shipping_address.model_dump()) if data.shipping_address else None,
            status_url=data.status_url,
            cart_token=data.cart_token,
            eta=to_utc_or_none(data.eta),
            opt_ins=_make_opt_ins(data.opt_ins, store, buyer, "order"),
            quiet=quiet,
        )
    )


def _read_fact(
    data: OrderFactData, change: Literal["paid", "payment_failed", "cancelled"], at: datetime
) -> OrderChanged:
    return OrderChanged(order_id=data.order_id, change=change, at=to_utc(data.at, at), reason=data.reason)


def _read_refund(data: RefundData, at: datetime) -> OrderChanged:
    moment = to_utc(data.at, at)
    refund = Refund(refund_id=data.refund_id, amount=data.amount, at=moment, method=data.method, reason=data.reason)
    return OrderChanged(order_id=data.order_id, change="refunded", at=moment, refund=refund, reason=data.reason)


# What a shop knows without its carrier.
_SHOPS_OWN = (
    *(ShipmentStatus.PENDING, ShipmentStatus.LABEL_CREATED, ShipmentStatus.SHIPPED),
    *(ShipmentStatus.EXPIRED, ShipmentStatus.CANCELLED),
)


def _read_shipment(data: ShipmentData, at: datetime) -> ShipmentSeen:
    status = ShipmentStatus(data.status)
    return ShipmentSeen(
        order_id=data.order_id,
        shipment=Shipment(
            shipment_id=data.shipment_id or data.tracking_number or f"order-{data.order_id}",
            status=status,
            at=to_utc(data.at, at),
            eta=to_utc_or_none(data.eta),
            carrier=data.carrier,
            tracking_number=data.tracking_number,
            tracking_url=data.tracking_url,
            place=data.place,
            message=data.message,
            line_ids=tuple(data.line_ids),
            by_carrier=status not in _SHOPS_OWN,
        ),
    )


def _read_cart(data: CartData, store: Store, at: datetime) -> CartSeen:
    buyer = _make_buyer(data.customer, store)
    return CartSeen(
        cart=Cart(
            token=data.token,
            buyer=buyer,
            lines=_make_lines(data.lines),
            currency=data.currency,
            total=data.total,
            url=data.url,
            updated_at=to_utc(data.updated_at, at),
            completed_at=to_utc_or_none(data.completed_at),
            opt_ins=_make_opt_ins(data.opt_ins, store, buyer, "cart"),
        )
    )


def _read_consent(data: ConsentData | WithdrawalData, store: Store, at: datetime, *, given: bool) -> ConsentSeen:
    seen = ConsentSeen(
        channel=data.channel,
        purpose=data.purpose,
        given=given,
        at=to_utc(data.at, at),
        source=data.source,
        buyer=_make_buyer(data.customer, store),
    )
    if isinstance(data, WithdrawalData):
        return seen
    proof = {name: value for name, value in (("page", data.page), ("reference", data.reference)) if value}
    return seen.model_copy(update={"wording": data.wording, "confirmed": data.confirmed, "proof": proof})


def _read_product(data: ProductData, at: datetime) -> ProductSeen:
    return ProductSeen(
        product=Product(
            product_id=data.product_id,
            title=data.title,
            updated_at=to_utc(data.updated_at, at),
            vendor=data.vendor,
            product_type=data.product_type,
            tags=tuple(data.tags),
            url=data.url,
            image_url=data.image_url,
            status=data.status,
            care=_make_care(data.care),
            variants=tuple(
                Variant(
                    variant_id=variant.variant_id,
                    sku=variant.sku,
                    title=variant.title,
                    price=variant.price,
                    quantity=variant.quantity,
                    in_stock=_read_in_stock(variant.in_stock, variant.quantity),
                )
                for variant in data.variants
            ),
        )
    )


def _read_stock(data: StockData, at: datetime) -> ProductSeen:
    variant = Variant(
        variant_id=data.variant_id or data.product_id,
        sku=data.sku,
        quantity=data.quantity,
        in_stock=_read_in_stock(data.in_stock, data.quantity),
    )
    product = Product(product_id=data.product_id, updated_at=to_utc(data.at, at), variants=(variant,))
    return ProductSeen(product=product, partial=True)


def _read_interest(
    data: InterestData,
    store: Store,
    at: datetime,
    wish: Literal["viewed", "stock", "launch", "wishlist"],
    *,
    gone: bool = False,
    opt_ins: Iterable[OptInData] = (),
) -> InterestSeen:
    return InterestSeen(
        wish=wish,
        product_id=data.product_id,
        variant_id=data.variant_id,
        buyer=_make_buyer(data.customer, store),
        at=to_utc(data.at, at),
        gone=gone,
        opt_ins=tuple(_make_opt_in(one, "request") for one in opt_ins),
    )


def _make_care(care: CareData | None) -> ProductCare | None:
    return ProductCare.model_validate(care.model_dump()) if care else None


def _read_in_stock(in_stock: bool | None, quantity: int | None) -> bool | None:
    return in_stock if in_stock is not None or quantity is None else quantity > 0


def _make_buyer(data: CustomerData, store: Store, parcel_goes_to: AddressData | None = None) -> Buyer:
    home = data if data.country else parcel_goes_to or data
    buyer = make_buyer(
        store,
        country=home.country,
        region=home.region,
        postcode=home.postcode,
        time_zone=data.time_zone,
        customer_id=data.id,
        emails=(data.email,),
        phones=(data.phone,),
        first_name=data.first_name,
        last_name=data.last_name,
        locale=data.locale,
    )
    told = {"birthday": data.birthday, "is_registered": data.registered, "company": data.company}
    return buyer.model_copy(update={name: value for name, value in told.items() if value is not None})


def _make_opt_ins(given: Iterable[OptInData], store: Store, buyer: Buyer, where: str) -> tuple[OptIn, ...]:
    named = tuple(_make_opt_in(one, where) for one in given)
    if any(one.channel == "whatsapp" for one in named):
        return named
    return named + collect_opt_ins(store, buyer, ())


def _make_opt_in(one: OptInData, where: str) -> OptIn:
    return OptIn(
        channel=one.channel,
        purpose=one.purpose,
        source=f"store API, with the {where}",
        wording=one.wording,
        explicit=True,
        confirmed=one.confirmed,
    )


def _make_lines(lines: Iterable[LineData]) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            line_id=line.line_id or line.variant_id or line.product_id or line.title,
            product_id=line.product_id,
            variant_id=line.variant_id,
            sku=line.sku,
            title=line.title,
            variant=line.variant,
            vendor=line.vendor,
            quantity=line.quantity,
            price=line.price,
            total=line.total if line.total is not None else line.price * line.quantity,
            image_url=line.image_url,
            url=line.url,
            needs_shipping=line.needs_shipping,
        )
        for line in lines
    )
