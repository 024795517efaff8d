"""The control API, `/_/…`: which orders the shops have, and what goes wrong."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.control import FaultOrder, read_body, refuse

from .configuration import Configuration, CustomerPut, OrderPut, ProductPut
from .coupons import use_coupons
from .state import OneShop, State


class ControlApi:
    """Routes over one state."""

    def __init__(self, state: State) -> None:
        self.state = state

    def routes(self) -> list[Route]:
        return [
            Route("/_/health", self.health),
            Route("/_/configure", self.configure, methods=["POST"]),
            Route("/_/orders", self.orders),
            Route("/_/orders", self.put_order, methods=["POST"]),
            Route("/_/coupons", self.coupons),
            Route("/_/products", self.put_product, methods=["POST"]),
            Route("/_/customers", self.customers),
            Route("/_/customers", self.put_customer, methods=["POST"]),
            Route("/_/webhooks", self.webhooks),
            Route("/_/faults", self.add_fault, methods=["POST"]),
            Route("/_/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_/reset", self.reset, methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        shops = {name: len(shop.orders) for name, shop in self.state.shops.items()}
        return JSONResponse({"ok": True, "orders": shops})

    async def configure(self, request: Request) -> Response:
        self.state.configure(await read_body(request, Configuration))
        return JSONResponse({"configured": True})

    async def orders(self, request: Request) -> Response:
        """All orders of `?store=`, oldest first, as its webhooks would tell them; one with `?id=`."""
        shop = self._find(request.query_params.get("store", ""))
        wanted = request.query_params.get("id")
        found = [order for number, order in shop.orders.items() if wanted in (None, number)]
        return JSONResponse([{"order": order, "returns": shop.returns.get(str(order["id"]), [])} for order in found])

    async def put_order(self, request: Request) -> Response:
        body = await read_body(request, OrderPut)
        if "id" not in body.order:
            raise refuse("order: the id is missing")
        shop = self._find(body.store)
        if refusal := use_coupons(shop.coupons, body.order):
            raise refuse(f"order: {refusal}")
        shop.orders[str(body.order["id"])] = body.order
        return JSONResponse({"kept": str(body.order["id"])})

    async def coupons(self, request: Request) -> Response:
        """The codes that `?store=` has made, oldest first, with the orders that used them."""
        shop = self._find(request.query_params.get("store", ""))
        return JSONResponse([coupon.show() for coupon in shop.coupons.values()])

    async def put_product(self, request: Request) -> Response:
        body = await read_body(request, ProductPut)
        if "id" not in body.product:
            raise refuse("product: the id is missing")
        self._find(body.store).products[str(body.product["id"])] = body.product
        return JSONResponse({"kept": str(body.product["id"])})

    async def customers(self, request: Request) -> Response:
        """The customers of `?store=`, with what was written of their consents."""
        return JSONResponse(list(self._find(request.query_params.get("store", "")).customers.values()))

    async def put_customer(self, request: Request) -> Response:
        body = await read_body(request, CustomerPut)
        if "id" not in body.customer:
            raise refuse("customer: the id is missing")
        self._find(body.store).customers[str(body.customer["id"])] = body.customer
        return JSONResponse({"kept": str(body.customer["id"])})

    async def webhooks(self, request: Request) -> Response:
        """What was posted to the API, oldest first, with the error where it was not taken."""
        return JSONResponse(self.state.webhooks)

    async def add_fault(self, request: Request) -> Response:
        order = await read_body(request, FaultOrder)
        if order.as_status is not None:
            raise refuse("as_status: WhatsApp's alone")
        self.state.faults.add(order)
        return JSONResponse({"ordered": True})

    async def clear_faults(self, request: Request) -> Response:
        self.state.faults.clear()
        return JSONResponse({"cleared": True})

    async def reset(self, request: Request) -> Response:
        self.state.reset()
        return JSONResponse({"reset": True})

    def _find(self, store_id: str) -> OneShop:
        shop = self.state.shops.get(store_id)
        if shop is None:
            raise refuse(f"no shop {store_id!r}; there are: {', '.join(self.state.shops) or 'none'}")
        return shop
