import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Decodes each line of standard input, a type and a JSON value with a tab between, and prints the value encoded again. */
class Decode {
  public static void main(String[] args) throws Exception {
    var json = new ObjectMapper()
        .registerModule(new JavaTimeModule())
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE);
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new java.io.PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line; (line = lines.readLine()) != null; ) {
      String[] parts = line.split("\t", 2);
      try {
        out.println(json.writeValueAsString(json.readValue(parts[1], Class.forName(parts[0]))));
      } catch (com.fasterxml.jackson.core.JsonProcessingException error) {
        out.println("error: " + error.getOriginalMessage());
      }
    }
    out.flush();
  }
}
