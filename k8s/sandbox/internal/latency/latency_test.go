package latency

import (
	"os"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T, content string) (Profile, error) {
	t.Helper()
	file := t.TempDir() + "/latency.yaml"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file)
}

func TestAFileIsAsInstantWhereItIsSilent(t *testing.T) {
	profile, err := load(t, "default: 500ms\ncomponents: { postgres: 20s }\njobs: 2s\n")
	if err != nil {
		t.Fatal(err)
	}
	instant, err := Load("instant")
	if err != nil {
		t.Fatal(err)
	}
	if profile.Terminate != instant.Terminate || profile.Crash != instant.Crash || profile.BackOff != instant.BackOff {
		t.Errorf("what the file leaves out is otherwise: %+v", profile)
	}
	for _, one := range []struct {
		component string
		ends      bool
		wanted    time.Duration
	}{{"postgres", false, 20 * time.Second}, {"app", false, 500 * time.Millisecond}, {"migrate", true, 2 * time.Second}} {
		if delay := profile.Delay(one.component, one.ends); delay != one.wanted {
			t.Errorf("%s takes %s", one.component, delay)
		}
	}
}

func TestWhatAFileCannotSay(t *testing.T) {
	for content, wanted := range map[string]string{
		"defualt: 1s":                                "unknown field",
		"default: soon":                              "invalid duration",
		"default: -1s":                               "is negative",
		"components: { app: -5s }":                   "is negative",
		"failures: { app: { fial: oom } }":           "has fial, which is none of",
		"failures: { app: { fail: unschedulable } }": "needs the annotation of the pod",
	} {
		if _, err := load(t, content); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%q: %v", content, err)
		}
	}
	if _, err := Load("no-such-file"); err == nil {
		t.Error("a file that is not there is loaded")
	}
}
