"""Okaeri: post-purchase customer journeys on WhatsApp and e-mail, in the shop's own AWS account."""

import gc

# A start and its first event make some hundred and fifty thousand objects that stay. Looking through them for garbage
# after every 2,000 new ones, Python's own measure, or even once, takes a twentieth of a cold start (`make bench`).
gc.set_threshold(250_000)
