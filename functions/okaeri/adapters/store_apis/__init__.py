"""Changes of orders in the shop's own store, through the API of its platform."""
