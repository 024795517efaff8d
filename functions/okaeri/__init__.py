"""Okaeri: post-purchase customer journeys on WhatsApp and e-mail, in the shop's own AWS account."""
