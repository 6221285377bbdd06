// Says what moby/patternmatcher makes of a .dockerignore: a line of JSON in, a line of JSON out.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type question struct {
	Text  string   `json:"text"`
	Paths []string `json:"paths"`
}

type answer struct {
	// Whole: each path beside all folders that it is in. ByStep: folder by folder, as BuildKit walks.
	Whole  []bool `json:"whole,omitempty"`
	ByStep []bool `json:"byStep,omitempty"`
	Error  string `json:"error,omitempty"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			panic(err)
		}
		told, err := answerTo(asked)
		if err != nil {
			told = answer{Error: err.Error()}
		}
		line, err := json.Marshal(told)
		if err != nil {
			panic(err)
		}
		out.Write(append(line, '\n'))
	}
}

func answerTo(asked question) (answer, error) {
	var told answer
	patterns, err := ignorefile.ReadAll(strings.NewReader(asked.Text))
	if err != nil {
		return told, err
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return told, err
	}
	for _, path := range asked.Paths {
		whole, err := matcher.MatchesOrParentMatches(path)
		if err != nil {
			return told, err
		}
		byStep, err := walked(matcher, path)
		if err != nil {
			return told, err
		}
		told.Whole = append(told.Whole, whole)
		told.ByStep = append(told.ByStep, byStep)
	}
	return told, nil
}

func walked(matcher *patternmatcher.PatternMatcher, path string) (bool, error) {
	var above patternmatcher.MatchInfo
	var is bool
	var err error
	parts := strings.Split(path, "/")
	for at := range parts {
		if is, above, err = matcher.MatchesUsingParentResults(strings.Join(parts[:at+1], "/"), above); err != nil {
			return false, err
		}
	}
	return is, nil
}
