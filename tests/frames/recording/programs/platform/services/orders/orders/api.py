"""The API, asked without a network."""

import asyncio
import decimal
import email.message
import random
import re
import string
import tempfile

import fastapi
import httpx
import jwt
import pydantic
import structlog
import tenacity
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

app = fastapi.FastAPI()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(InMemorySpanExporter()))
tracer = provider.get_tracer("orders")
log = structlog.wrap_logger(structlog.PrintLogger(open("/dev/null", "w")), [structlog.processors.JSONRenderer()])


class Order(pydantic.BaseModel):
    name: str
    count: int = pydantic.Field(gt=0)

    @pydantic.field_validator("name")
    @classmethod
    def known(cls, value: str) -> str:
        return value.strip()


@app.post("/orders/{number}")
async def create(number: int, order: Order) -> dict[str, object]:
    with tracer.start_as_current_span("create") as span:
        span.set_attribute("number", number)
        return {"number": number, "order": order.model_dump()}


def ask() -> None:
    async def post() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://orders.example") as client:
            answer = await client.post("/orders/7", json={"name": " tea ", "count": 2})
            log.info("asked", status=answer.raise_for_status().status_code)

    asyncio.run(post())


def token() -> dict[str, object]:
    return jwt.decode(jwt.encode({"sub": "1"}, "none of your business at all, no", "HS256"), "none of your business at all, no", ["HS256"])


@tenacity.retry(stop=tenacity.stop_after_attempt(3), reraise=True)
def again() -> int:
    value = random.randint(0, 1)
    if value:
        raise ValueError(value)
    return value


def twice() -> None:
    try:
        again()
    except ValueError:
        pass


def standard() -> None:
    message = email.message.EmailMessage()
    message["Subject"] = "Ihre Bestellung über fünf"
    message.set_content("tea " * 50)
    message.as_string()
    decimal.Decimal("1.5").quantize(decimal.Decimal(1))
    re.compile(r"(\d+)-([a-z]+)" + random.choice(string.ascii_letters)).match("12-ab")
    with tempfile.TemporaryDirectory():
        pass


TASKS = (ask, token, twice, standard)
