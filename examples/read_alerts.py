"""Print every alert of brentwatch so far and each new one: python examples/read_alerts.py."""

import json
import os
import sys

from kafka import KafkaConsumer

newest: dict[str, int] = {}
topic = os.environ.get("BRENTWATCH_KAFKA__TOPIC_PREFIX", "") + "impact.alerts"
for record in KafkaConsumer(
    topic,
    bootstrap_servers=os.environ.get("BRENTWATCH_KAFKA__BOOTSTRAP", "127.0.0.1:9092"),
    isolation_level="read_committed",
    auto_offset_reset="earliest",
):
    alert = json.loads(record.value)
    if alert.get("version", 1) > 2:  # records of version 1 do not name it
        sys.exit(f"expected alert.v1 or alert.v2, got alert.v{alert['version']}: upgrade this reader")
    tests = alert.get("tests", [alert])  # version 1 has one test, and p and level stand in the alert
    if "text" in alert and alert["revision"] > newest.get(alert["alert_id"], 0):
        newest[alert["alert_id"]] = alert["revision"]
        print(
            f"{alert.get('stage', 'alert.v1')}: {sum(test['p'] <= test['level'] for test in tests)} abnormal",
            alert["text"]["lock_screen"],
            alert["text"]["card"],
            sep="\n",
            end="\n\n",
            flush=True,
        )
