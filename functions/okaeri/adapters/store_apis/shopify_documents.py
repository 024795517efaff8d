"""What is asked of Shopify's Admin API, in GraphQL, with the scopes that each document needs.

https://shopify.dev/docs/api/admin-graphql/2026-10
"""

_MONEY = "presentmentMoney { amount currencyCode }"  # what the shopper paid in
_STATE = "id name cancelledAt closed displayFulfillmentStatus"
_ERRORS = "userErrors { field message }"

# read_orders, and access to the addresses (protected customer data)
ORDER = f"""
query OkaeriOrder($id: ID!) {{
  order(id: $id) {{
    {_STATE}
    note
    netPaymentSet {{ {_MONEY} }}
    totalRefundedSet {{ {_MONEY} }}
    shippingAddress {{
      name firstName lastName company address1 address2 city zip provinceCode countryCodeV2 phone
    }}
  }}
}}"""

# read_orders, read_products
LINES = f"""
query OkaeriLines($id: ID!) {{
  order(id: $id) {{
    {_STATE}
    lineItems(first: 100) {{
      nodes {{
        id currentQuantity unfulfilledQuantity
        product {{ id }}
        variant {{ id selectedOptions {{ name value }} }}
      }}
    }}
  }}
}}"""

# read_products
VARIANTS = """
query OkaeriVariants($product: ID!) {
  product(id: $product) {
    variants(first: 100) {
      nodes {
        id title availableForSale sellableOnlineQuantity inventoryPolicy
        inventoryItem { tracked }
        selectedOptions { name value }
      }
    }
  }
}"""

# read_orders, read_returns. As much as one document may cost (1,000 points).
RETURNABLE = f"""
query OkaeriReturnable($id: ID!) {{
  order(id: $id) {{
    {_STATE}
    returns(first: 5) {{
      nodes {{
        id name status
        returnLineItems(first: 25) {{
          nodes {{ ... on ReturnLineItem {{ fulfillmentLineItem {{ lineItem {{ id }} }} }} }}
        }}
      }}
    }}
  }}
  returnableFulfillments(orderId: $id, first: 5) {{
    nodes {{
      returnableFulfillmentLineItems(first: 30) {{
        nodes {{ quantity fulfillmentLineItem {{ id lineItem {{ id }} }} }}
      }}
    }}
  }}
}}"""

# write_orders
CANCEL = """
mutation OkaeriCancel($orderId: ID!, $staffNote: String!) {
  orderCancel(
    orderId: $orderId, reason: CUSTOMER, restock: true, notifyCustomer: false, staffNote: $staffNote,
    refundMethod: { originalPaymentMethodsRefund: true }
  ) {
    job { id done }
    orderCancelUserErrors { code field message }
  }
}"""

# read_orders
CANCELLED = f"""
query OkaeriCancelled($job: ID!, $id: ID!) {{
  job(id: $job) {{ id done }}
  order(id: $id) {{ id cancelledAt totalRefundedSet {{ {_MONEY} }} }}
}}"""

# write_orders
UPDATE = f"""
mutation OkaeriUpdate($input: OrderInput!) {{
  orderUpdate(input: $input) {{ order {{ id }} {_ERRORS} }}
}}"""

# write_order_edits, for this and the three after it
EDIT_BEGIN = f"""
mutation OkaeriEditBegin($id: ID!) {{
  orderEditBegin(id: $id) {{
    calculatedOrder {{
      id
      totalPriceSet {{ {_MONEY} }}
      lineItems(first: 100) {{ nodes {{ id quantity variant {{ id }} }} }}
    }}
    {_ERRORS}
  }}
}}"""

EDIT_ADD = f"""
mutation OkaeriEditAdd($id: ID!, $variantId: ID!, $quantity: Int!) {{
  orderEditAddVariant(id: $id, variantId: $variantId, quantity: $quantity, allowDuplicates: true) {{
    calculatedLineItem {{ id }}
    {_ERRORS}
  }}
}}"""

EDIT_QUANTITY = f"""
mutation OkaeriEditQuantity($id: ID!, $lineItemId: ID!, $quantity: Int!) {{
  orderEditSetQuantity(id: $id, lineItemId: $lineItemId, quantity: $quantity, restock: true) {{
    calculatedOrder {{ id totalPriceSet {{ {_MONEY} }} }}
    {_ERRORS}
  }}
}}"""

EDIT_COMMIT = f"""
mutation OkaeriEditCommit($id: ID!, $staffNote: String!) {{
  orderEditCommit(id: $id, notifyCustomer: false, staffNote: $staffNote) {{ order {{ id }} {_ERRORS} }}
}}"""

# write_returns, write_orders
RETURN = """
mutation OkaeriReturn($input: ReturnRequestInput!) {
  returnRequest(input: $input) { return { id name status } userErrors { code field message } }
}"""

# no scope of its own
SCOPES = """
query OkaeriScopes {
  currentAppInstallation { accessScopes { handle } }
}"""

# What the app needs for each change, and to be told of consents. A scope that writes also reads.
NEEDED = {
    "cancel": ("read_orders", "write_orders"),
    "address": ("read_orders", "write_orders"),
    "note": ("read_orders", "write_orders"),
    "variant": ("read_orders", "read_products", "write_order_edits"),
    "return": ("read_orders", "write_orders", "read_returns", "write_returns"),
    "consent": ("read_customers", "write_customers"),
}
