// Package latency says how long simulated containers take. All durations are Go durations: 300ms, 6s, 1m.
package latency

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"forge.dev/sandbox/internal/scheduling"
)

// failureKeys are the annotations, without their prefix, that a latency file may give a component.
var failureKeys = []string{"fail", "fail-attempts", "exit-code", "delay", "log"}

// Profile is what `--latency` names.
type Profile struct {
	// Default is the time from a container's start to its readiness.
	Default metav1.Duration `json:"default"`
	// Components overrides Default (and Jobs) by the pod's label app.kubernetes.io/name.
	Components map[string]metav1.Duration `json:"components"`
	// Jobs is how long a container runs whose pod is meant to end.
	Jobs metav1.Duration `json:"jobs"`
	// Init is how long each init container runs.
	Init metav1.Duration `json:"init"`
	// Terminate is how long a pod takes to go after its deletion.
	Terminate metav1.Duration `json:"terminate"`
	// Crash is how long a container runs before it fails, unless the pod's delay annotation says otherwise.
	Crash metav1.Duration `json:"crash"`
	// BackOff is the first pause between two attempts; each further one is twice as long, up to 16 times.
	BackOff metav1.Duration `json:"backOff"`
	// Failures says, by the pod's label app.kubernetes.io/name, what annotations would say: for charts that cannot be
	// changed. A pod's own annotations win.
	Failures map[string]map[string]string `json:"failures"`
}

const builtIn = `
instant:
  terminate: 200ms
  crash: 100ms
  backOff: 250ms
realistic:
  default: 1s
  components: { postgres: 6s, redis: 2s, temporal: 10s, temporal-web: 2s, app: 5s, worker: 5s }
  jobs: 4s
  init: 200ms
  terminate: 1s
  crash: 800ms
  backOff: 2s
`

// IsBuiltIn tells a profile's name from a file's.
func IsBuiltIn(name string) bool {
	return name == "instant" || name == "realistic"
}

// Load gives the profile of that name, or reads it from a YAML file. What a file leaves out is as in `instant`.
func Load(nameOrFile string) (Profile, error) {
	profiles := map[string]Profile{}
	if err := yaml.UnmarshalStrict([]byte(builtIn), &profiles); err != nil {
		return Profile{}, err
	}
	if profile, known := profiles[nameOrFile]; known {
		return profile, nil
	}
	content, err := os.ReadFile(nameOrFile)
	if err != nil {
		return Profile{}, fmt.Errorf("latency is instant, realistic or a file: %w", err)
	}
	profile := profiles["instant"]
	if err := yaml.UnmarshalStrict(content, &profile); err != nil {
		return Profile{}, fmt.Errorf("latency file %s: %w", nameOrFile, err)
	}
	return profile, profile.check(nameOrFile)
}

// Delay is the time to readiness (or the run time, where the pod is meant to end) of a pod's containers.
func (p Profile) Delay(component string, ends bool) time.Duration {
	if delay, named := p.Components[component]; named {
		return delay.Duration
	}
	if ends {
		return p.Jobs.Duration
	}
	return p.Default.Duration
}

func (p Profile) check(file string) error {
	all := []metav1.Duration{p.Default, p.Jobs, p.Init, p.Terminate, p.Crash, p.BackOff}
	for _, delay := range p.Components {
		all = append(all, delay)
	}
	for component, failure := range p.Failures {
		for key, value := range failure {
			if !slices.Contains(failureKeys, key) {
				return fmt.Errorf("latency file %s: failures.%s has %s, which is none of %s",
					file, component, key, strings.Join(failureKeys, ", "))
			}
			// The scheduler shows this one, and knows annotations only.
			if key == "fail" && value == scheduling.Failure {
				return fmt.Errorf("latency file %s: %s needs the annotation of the pod", file, value)
			}
		}
	}
	for _, delay := range all {
		if delay.Duration < 0 {
			return fmt.Errorf("latency file %s: %s is negative", file, delay.Duration)
		}
	}
	return nil
}
