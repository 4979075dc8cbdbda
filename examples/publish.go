// Publishes one command and waits for its outcome: go run publish.go <ce_type> <key> <data> [<ce_id>]
// It needs github.com/twmb/franz-go, pkg/kadm of it, and github.com/google/uuid.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const replyTo = "invitations.outcomes.example-go"

func main() {
	brokers := kgo.SeedBrokers(strings.Split(os.Getenv("KAFKA_BROKERS"), ",")...)
	// In a service, derive the id from the cause of the command, or store it before publishing: a retry must reuse it.
	id := uuid.NewString()
	if len(os.Args) > 4 {
		id = os.Args[4]
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	admin := must(kgo.NewClient(brokers))
	defer admin.Close()
	// An error of the topic itself, such as that it exists, is in the response.
	must(kadm.NewClient(admin).CreateTopics(ctx, 1, -1, nil, replyTo))
	end := must(kadm.NewClient(admin).ListEndOffsets(ctx, replyTo))
	at, _ := end.Lookup(replyTo, 0)
	from := map[string]map[int32]kgo.Offset{replyTo: {0: kgo.NewOffset().At(at.Offset)}}
	// The default partitioner of franz-go hashes keys with murmur2, as the contract names it.
	client := must(kgo.NewClient(brokers, kgo.ConsumePartitions(from)))
	defer client.Close()
	command := &kgo.Record{Topic: "invitations.commands", Key: []byte(os.Args[2]), Value: []byte(os.Args[3])}
	for name, value := range map[string]string{
		"ce_specversion": "1.0", "ce_id": id, "ce_type": os.Args[1], "ce_source": "/example",
		"ce_time": time.Now().UTC().Format(time.RFC3339), "content-type": "application/json", "reply-to": replyTo,
	} {
		command.Headers = append(command.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	// The key is the inviter's id, whoever acts: it keeps all commands on one account in order.
	must(client.ProduceSync(ctx, command).First())
	for ctx.Err() == nil {
		for _, outcome := range client.PollFetches(ctx).Records() {
			if string(outcome.Key) == id {
				fmt.Println(string(outcome.Value))
				return
			}
		}
	}
	fmt.Fprintln(os.Stderr, "no outcome within a minute")
	os.Exit(1)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
