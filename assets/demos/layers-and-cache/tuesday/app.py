"""A shop."""

from flask import Flask

app = Flask(__name__)
GREETING = "Good Tuesday"
