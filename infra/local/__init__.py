"""The laptop: a local AWS, the stand-ins for WhatsApp and e-mail, and what starts them."""
