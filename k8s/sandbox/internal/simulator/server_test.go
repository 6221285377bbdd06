package simulator

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	check(t, os.WriteFile(path, []byte(content), 0o600))
}

// lines is the log of a pod's container, so far.
func (s *scene) lines(pod string, previous bool) []string {
	s.Helper()
	found := s.logs.find(types.NamespacedName{Namespace: namespace, Name: pod}, "main", previous)
	if found == nil {
		return nil
	}
	lines, _ := s.logs.next(found, 0, false, func() bool { return true })
	var texts []string
	for _, line := range lines {
		texts = append(texts, line.text)
	}
	return texts
}

// logsServer serves the logs without certificates.
func logsServer(t *testing.T, logs *logbook) string {
	t.Helper()
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", logs.serve)
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	return server.URL + "/containerLogs/" + namespace + "/app/main"
}

func ask(t *testing.T, url string) (int, []string) {
	t.Helper()
	response, err := http.Get(url)
	check(t, err)
	defer response.Body.Close()
	var lines []string
	for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return response.StatusCode, lines
}

func TestLogsAreServedAsAKubeletServesThem(t *testing.T) {
	logs, pod := newLogbook(), podOf("app")
	url := logsServer(t, logs)
	if status, lines := ask(t, url); status != http.StatusBadRequest || !strings.Contains(lines[0], "waiting to start") {
		t.Errorf("a container that has not started: %d %q", status, lines)
	}
	logs.open(pod, "main")
	for _, text := range []string{"one", "two", "three"} {
		logs.write(pod, "main", text)
	}
	for query, wanted := range map[string]string{
		"": "one two three", "?tailLines=2": "two three", "?tailLines=0": "", "?limitBytes=5": "one t", "?sinceSeconds=3600": "one two three",
		"?sinceTime=2999-01-01T00:00:00Z": "",
	} {
		if _, lines := ask(t, url+query); strings.Join(lines, " ") != wanted {
			t.Errorf("%q gives %q", query, lines)
		}
	}
	if _, lines := ask(t, url+"?timestamps=true&tailLines=1"); len(lines) != 1 || !strings.HasSuffix(lines[0], "Z three") {
		t.Errorf("timestamps: %q", lines)
	}
	for _, query := range []string{"?tailLines=x", "?tailLines=-1", "?sinceSeconds=x", "?sinceTime=x"} {
		if status, _ := ask(t, url+query); status != http.StatusBadRequest {
			t.Errorf("%q is answered with %d", query, status)
		}
	}
}

func TestAnAttemptThatEndedIsThePreviousOne(t *testing.T) {
	logs, pod := newLogbook(), podOf("app")
	url := logsServer(t, logs)
	logs.open(pod, "main")
	logs.write(pod, "main", "first")
	if status, _ := ask(t, url+"?previous=true"); status != http.StatusBadRequest {
		t.Errorf("the first attempt has a previous one: %d", status)
	}
	logs.close(pod, "main")
	logs.retire(pod, "main")
	for _, query := range []string{"", "?previous=true"} {
		if _, lines := ask(t, url+query); strings.Join(lines, " ") != "first" {
			t.Errorf("between two attempts %q gives %q", query, lines)
		}
	}
	logs.open(pod, "main")
	logs.write(pod, "main", "second")
	if _, lines := ask(t, url+"?previous=true"); strings.Join(lines, " ") != "first" {
		t.Errorf("the previous one is %q", lines)
	}
	logs.forget(pod)
	if status, _ := ask(t, url); status != http.StatusBadRequest {
		t.Errorf("the log of a pod that is gone: %d", status)
	}
}

func TestWhoFollowsHearsWhatComesAndTheEnd(t *testing.T) {
	logs, pod := newLogbook(), podOf("app")
	logs.open(pod, "main")
	logs.write(pod, "main", "one")
	response, err := http.Get(logsServer(t, logs) + "?follow=true")
	check(t, err)
	defer response.Body.Close()
	heard := bufio.NewScanner(response.Body)
	for _, text := range []string{"one", "two"} {
		if !heard.Scan() || heard.Text() != text {
			t.Fatalf("heard %q, not %q", heard.Text(), text)
		}
		logs.write(pod, "main", "two")
	}
	logs.close(pod, "main")
	for heard.Scan() {
		if heard.Text() != "two" {
			t.Errorf("heard %q", heard.Text())
		}
	}
}
