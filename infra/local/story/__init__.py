"""A shopper's story, told on the running stack: signed webhooks in, messages on the phone and in the mailbox out."""
