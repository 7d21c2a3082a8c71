"""A web service that works 20 ms for every request. It is copied into an image, never run here."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    """Answer with something that took a while to make."""
    return str(sum(number * number for number in range(200_000)))


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8080)
