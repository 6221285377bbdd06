// Answers what helm's own parser makes of --set, --set-string, --set-json and --set-file: one question a line, one answer a line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"helm.sh/helm/v4/pkg/strvals"
)

type question struct {
	Base map[string]any `json:"base"`
	Flag string         `json:"flag"`
	Text string         `json:"text"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		answer := map[string]any{}
		if err := read(q); err != nil {
			answer["error"] = err.Error()
		} else {
			answer["values"] = marked(q.Base)
		}
		line, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(out, "%s\n", line)
	}
}

func read(q question) error {
	switch q.Flag {
	case "--set-string":
		return strvals.ParseIntoString(q.Text, q.Base)
	case "--set-json":
		document := strings.TrimSpace(q.Text)
		if !strings.HasPrefix(document, "{") {
			return strvals.ParseJSON(q.Text, q.Base)
		}
		var values map[string]any
		if err := json.Unmarshal([]byte(document), &values); err != nil {
			return err
		}
		merge(q.Base, values)
		return nil
	case "--set-file":
		return strvals.ParseIntoFile(q.Text, q.Base, func(path []rune) (any, error) {
			if len(path) == 0 {
				return nil, errors.New("a file without a name")
			}
			return "content of " + string(path), nil
		})
	}
	return strvals.ParseInto(q.Text, q.Base)
}

// As helm 4 merges documents; helm 3 takes none here.
func merge(into, from map[string]any) {
	for key, value := range from {
		above, isMap := value.(map[string]any)
		below, wasMap := into[key].(map[string]any)
		if isMap && wasMap {
			merge(below, above)
		} else {
			into[key] = value
		}
	}
}

// Whole numbers are told from floats: templates print them differently.
func marked(value any) any {
	switch one := value.(type) {
	case int64:
		return map[string]any{"$whole": strconv.FormatInt(one, 10)}
	case map[string]any:
		for key, inner := range one {
			one[key] = marked(inner)
		}
	case []any:
		for at, inner := range one {
			one[at] = marked(inner)
		}
	}
	return value
}
