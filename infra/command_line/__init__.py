"""The `okaeri` command: sets up stores and Meta's app, publishes the catalogue, looks after a running stack.

Commands are thin: each calls a function that other programs may import (`add_store`, `publish_catalogue`, …).
"""
