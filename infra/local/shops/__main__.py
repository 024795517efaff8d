"""`python -m local.shops --port 8083 --config shops.json`."""

import argparse
import logging
import sys
from pathlib import Path

from pydantic import ValidationError

from local.serving import serve

from .app import build_app
from .configuration import Configuration


def main() -> None:
    parser = argparse.ArgumentParser(prog="local.shops", description="Shops that answer as Shopify and WooCommerce do.")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--config", type=Path, help="JSON: the shops and who may call them, as in docs/store-access.md")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    try:
        text = options.config.read_bytes() if options.config else b"{}"
        configuration = Configuration.model_validate_json(text)
    except (OSError, ValidationError) as error:
        sys.exit(f"{options.config}: {error}")
    serve(build_app(configuration), options.port, "Shops")


main()
