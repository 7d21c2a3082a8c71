"""A very small shop: it prices a basket, and takes its time over it."""

from __future__ import annotations

import random
import time

from flask import Flask, jsonify, request

PRICES = {"rope": 12.50, "anchor": 240.00, "lantern": 35.00, "sextant": 199.00}
MEAN_CPU_S = 0.025

app = Flask(__name__)


def think(seconds: float) -> None:
    """Use one CPU for a while, as checking stock and discounts would."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@app.get("/")
def price():
    """The price of a basket: ``/?item=rope&item=lantern``."""
    think(random.expovariate(1 / MEAN_CPU_S))
    basket = request.args.getlist("item") or ["rope"]
    known = [item for item in basket if item in PRICES]
    return jsonify(items=known, total=round(sum(PRICES[item] for item in known), 2))


@app.get("/ready")
def ready():
    """Answers as soon as the program has started."""
    return "ready\n"
