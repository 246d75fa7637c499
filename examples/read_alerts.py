"""Print every alert of brentwatch so far and each new one: python examples/read_alerts.py."""

import json
import os

from kafka import KafkaConsumer

newest: dict[str, int] = {}
topic = os.environ.get("BRENTWATCH_KAFKA__TOPIC_PREFIX", "") + "impact.alerts"
broker = os.environ.get("BRENTWATCH_KAFKA__BOOTSTRAP", "127.0.0.1:9092")
committed = {"isolation_level": "read_committed", "auto_offset_reset": "earliest"}
for record in KafkaConsumer(topic, bootstrap_servers=broker, **committed):
    alert = json.loads(record.value)
    if "text" in alert and alert["revision"] > newest.get(alert["alert_id"], 0):
        newest[alert["alert_id"]] = alert["revision"]
        print(alert["text"]["lock_screen"], alert["text"]["card"], sep="\n", end="\n\n", flush=True)
