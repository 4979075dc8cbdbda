// Publishes one command and waits for its outcome: go run publish.go <ce_type> <key> <data> [<ce_id>]
// It needs github.com/confluentinc/confluent-kafka-go/v2 and github.com/google/uuid.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"
)

var commands, replyTo = "invitations.commands", "invitations.outcomes.example-go"

func main() {
	brokers := os.Getenv("KAFKA_BROKERS")
	// In a service, derive the id from the cause of the command, or store it before publishing: a retry must reuse it.
	id := uuid.NewString()
	if len(os.Args) > 4 {
		id = os.Args[4]
	}
	admin := must(kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": brokers}))
	defer admin.Close()
	topic := kafka.TopicSpecification{Topic: replyTo, NumPartitions: 1, ReplicationFactor: 1}
	// One replica is for a development broker: take three elsewhere. That the topic exists is an error in the result.
	must(admin.CreateTopics(context.Background(), []kafka.TopicSpecification{topic}))
	consumer := must(kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": brokers, "group.id": replyTo, "enable.auto.commit": false}))
	defer consumer.Close()
	_, end, err := consumer.QueryWatermarkOffsets(replyTo, 0, 30_000)
	must(end, err)
	from := kafka.TopicPartition{Topic: &replyTo, Partition: 0, Offset: kafka.Offset(end)}
	must(0, consumer.Assign([]kafka.TopicPartition{from}))

	// librdkafka has another default, which would put an account's commands in another partition than other publishers do.
	producer := must(kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": brokers, "partitioner": "murmur2_random", "enable.idempotence": true,
	}))
	defer producer.Close()
	// The key is the inviter's id, whoever acts: it keeps all commands on one account in order.
	command := &kafka.Message{Key: []byte(os.Args[2]), Value: []byte(os.Args[3])}
	command.TopicPartition = kafka.TopicPartition{Topic: &commands, Partition: kafka.PartitionAny}
	for name, value := range map[string]string{
		"ce_specversion": "1.0", "ce_id": id, "ce_type": os.Args[1], "ce_source": "/example",
		"ce_time": time.Now().UTC().Format(time.RFC3339), "content-type": "application/json", "reply-to": replyTo,
	} {
		command.Headers = append(command.Headers, kafka.Header{Key: name, Value: []byte(value)})
	}
	delivered := make(chan kafka.Event, 1)
	must(0, producer.Produce(command, delivered))
	must(0, (<-delivered).(*kafka.Message).TopicPartition.Error)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		outcome, err := consumer.ReadMessage(time.Second)
		if err == nil && string(outcome.Key) == id {
			fmt.Println(string(outcome.Value))
			return
		}
	}
	panic("no outcome within a minute")
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
