"""Publishes one command and waits for its outcome: python3 publish.py <ce_type> <key> <data> [<ce_id>]

It needs confluent-kafka (pip: confluent-kafka, Debian: python3-confluent-kafka).
"""

import os
import sys
import uuid
from datetime import datetime, timezone

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

REPLY_TO = "invitations.outcomes.example-python"

command_type, key, data = sys.argv[1:4]
# In a service, derive the id from the cause of the command, or store it before publishing: a retry must reuse it.
command_id = sys.argv[4] if len(sys.argv) > 4 else str(uuid.uuid4())
brokers = {"bootstrap.servers": os.environ.get("KAFKA_BROKERS", "127.0.0.1:9092")}

admin = AdminClient(brokers)
created = admin.create_topics([NewTopic(REPLY_TO, num_partitions=1, replication_factor=-1)])
error = created[REPLY_TO].exception()
if error is not None and error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
    raise error

consumer = Consumer({**brokers, "group.id": REPLY_TO, "enable.auto.commit": False})
end = consumer.get_watermark_offsets(TopicPartition(REPLY_TO, 0), timeout=30)[1]
consumer.assign([TopicPartition(REPLY_TO, 0, end)])

# librdkafka has another default, which would put an account's commands in another partition than the other publishers do.
producer = Producer({**brokers, "partitioner": "murmur2_random", "enable.idempotence": True})
headers = {
    "ce_specversion": "1.0",
    "ce_id": command_id,
    "ce_type": command_type,
    "ce_source": "/example",
    "ce_time": datetime.now(timezone.utc).isoformat(),
    "content-type": "application/json",
    "reply-to": REPLY_TO,
}
# The key is the inviter's id, whoever acts: it keeps all commands on one account in order.
producer.produce("invitations.commands", key=key, value=data, headers=headers)
producer.flush()

while True:
    message = consumer.poll(1)
    if message is not None and message.error() is None and message.key().decode() == command_id:
        print(message.value().decode())
        break
consumer.close()
