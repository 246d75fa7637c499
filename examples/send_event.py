"""Send one unrest event to brentwatch: python examples/send_event.py COUNTRY CLASS SUMMARY [KNOWN_AT]."""

import json
import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

from kafka import KafkaProducer

if len(sys.argv) not in (4, 5):
    sys.exit(__doc__)
known_at = sys.argv[4] if len(sys.argv) == 5 else datetime.now(UTC).isoformat()
event = {
    "event_id": f"desk:{uuid4()}",
    "revision": 0,
    "status": "new",
    "occurred": {"start": known_at, "precision": "minute"},
    "known_at": known_at,
    "country": sys.argv[1],
    "event_class": sys.argv[2],
    "summary": sys.argv[3],
    "reliability": {"verification": "human"},  # a person says so: it ranks above what machines report
}
topic = os.environ.get("BRENTWATCH_KAFKA__TOPIC_PREFIX", "") + "unrest.events"
broker = os.environ.get("BRENTWATCH_KAFKA__BOOTSTRAP", "127.0.0.1:9092")
producer = KafkaProducer(bootstrap_servers=broker)
producer.send(topic, key=sys.argv[1].encode(), value=json.dumps(event).encode()).get(timeout=30)
print(f"sent {event['event_id']} to {topic}")
