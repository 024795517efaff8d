"""A stand-in for the stores' own APIs: Shopify's Admin API and WooCommerce's REST API, over orders in memory."""
