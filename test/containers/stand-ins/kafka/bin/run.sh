#!/bin/bash
# As in apache/kafka, a variable KAFKA_NODE_ID becomes the setting node.id.
set -eu
settings=/tmp/server.properties
env | sed -n 's/^KAFKA_//p' | while IFS='=' read -r name value; do
  printf '%s=%s\n' "$(tr 'A-Z_' 'a-z.' <<<"$name")" "$value"
done >"$settings"
cd /opt/kafka
java -cp 'libs/*' kafka.tools.StorageTool format --ignore-formatted --cluster-id=AAAAAAAAAAAAAAAAAAAAAA -c "$settings"
exec java -Xms128m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
  -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
  -cp 'libs/*' kafka.Kafka "$settings"
