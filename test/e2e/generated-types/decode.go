// Decodes each line of standard input, a type and a JSON value with a tab between, and prints the value encoded again.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
)


func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), "\t")
		value := reflect.New(reflect.TypeOf(types[name])).Interface()
		if err := json.Unmarshal([]byte(text), value); err != nil {
			fmt.Println("error:", err)
			continue
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(encoded))
	}
	if lines.Err() != nil {
		panic(lines.Err())
	}
}
