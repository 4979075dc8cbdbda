import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

/** Publishes one command and waits for its outcome: java -cp <kafka-clients> Publish.java <ce_type> <key> <data> [<ce_id>] */
public class Publish {
  public static void main(String[] args) throws Exception {
    String replyTo = "invitations.outcomes.example-java";
    // In a service, derive the id from the cause of the command, or store it before publishing: a retry must reuse it.
    String id = args.length > 3 ? args[3] : UUID.randomUUID().toString();
    Map<String, Object> config = new HashMap<>(Map.of(
        "bootstrap.servers", Optional.ofNullable(System.getenv("KAFKA_BROKERS")).orElse("127.0.0.1:9092"),
        "key.serializer", "org.apache.kafka.common.serialization.StringSerializer",
        "value.serializer", "org.apache.kafka.common.serialization.StringSerializer",
        "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
        "value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer"));
    try (Admin admin = Admin.create(config)) {
      admin.createTopics(List.of(new NewTopic(replyTo, Optional.of(1), Optional.empty()))).all().get();
    } catch (java.util.concurrent.ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) throw e;
    }
    try (var consumer = new KafkaConsumer<String, String>(config); var producer = new KafkaProducer<String, String>(config)) {
      List<TopicPartition> replies = List.of(new TopicPartition(replyTo, 0));
      consumer.assign(replies);
      consumer.seekToEnd(replies);
      consumer.position(replies.get(0));
      // The key is the inviter's id, whoever acts. The default partitioner of this client is the one that the contract names.
      var command = new ProducerRecord<>("invitations.commands", args[1], args[2]);
      Map.of("ce_specversion", "1.0", "ce_id", id, "ce_type", args[0], "ce_source", "/example",
          "ce_time", Instant.now().toString(), "content-type", "application/json", "reply-to", replyTo)
          .forEach((name, value) -> command.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
      producer.send(command).get();
      while (true)
        for (var outcome : consumer.poll(Duration.ofSeconds(1)))
          if (outcome.key().equals(id)) { System.out.println(outcome.value()); return; }
    }
  }
}
