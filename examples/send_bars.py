"""Send 5-minute bars of your own feed: python examples/send_bars.py SERIES PARTITION [--past] < BARS.

Each line of BARS is opens_at,open,close,volume,contract: a time with its zone, USD/bbl, and such as BZH2027.
"""

import csv
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kafka import KafkaProducer

if len(sys.argv) not in (3, 4):
    sys.exit(__doc__)
series, partition, past = sys.argv[1], int(sys.argv[2]), "--past" in sys.argv
topic = os.environ.get("BRENTWATCH_KAFKA__TOPIC_PREFIX", "") + "impact.timeline"
broker = os.environ.get("BRENTWATCH_KAFKA__BOOTSTRAP", "127.0.0.1:9092")
producer = KafkaProducer(bootstrap_servers=broker)
for begins, first, last, volume, contract in csv.reader(sys.stdin):
    opens_at = datetime.fromisoformat(begins).astimezone(ZoneInfo("America/New_York"))
    closes_at = (opens_at + timedelta(minutes=5)).isoformat()
    bar = {"opens_at": opens_at.isoformat(), "closes_at": closes_at, "interval": "5m", "contract": contract}
    prices = {"open": float(first), "close": float(last), "volume": float(volume)}
    session = f"{opens_at + timedelta(hours=6):%Y-%m-%d}"  # from 18:00 on trade belongs to the next day
    known_at = closes_at if past else datetime.now(UTC).isoformat()
    bars = [{"session": session} | bar | prices]
    record = {"kind": "price_update", "series": series, "bars": bars, "provider": "desk", "warmup": past}
    record |= {"complete_through": closes_at, "known_at": known_at}
    producer.send(topic, key=series.encode(), value=json.dumps(record).encode(), partition=partition)
producer.flush()
