"""What the webhook door is measured against: verify, insert one row, commit, answer. Nothing else."""

import os

import stripe
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import create_engine, text

app = FastAPI()
engine = create_engine(os.environ["DATABASE"].replace("postgresql://", "postgresql+psycopg://"), pool_size=10)
INSERT = text("INSERT INTO bare_events (id, type) VALUES (:id, :type) ON CONFLICT DO NOTHING")


def insert(event: stripe.Event) -> None:
    with engine.begin() as connection:
        connection.execute(INSERT, {"id": event.id, "type": event.type})


@app.post("/webhooks/stripe")
async def hook(request: Request) -> dict[str, bool]:
    body = await request.body()
    event = stripe.Webhook.construct_event(body, request.headers["stripe-signature"], os.environ["SECRET"])
    await run_in_threadpool(insert, event)
    return {"ok": True}
