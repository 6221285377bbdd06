package simulator

import (
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Annotations of a pod that steer its simulation; docs/sandbox.md describes them.
const (
	prefix       = "sandbox.forge.api-forge.io/"
	delayKey     = prefix + "delay"
	failKey      = prefix + "fail"
	attemptsKey  = prefix + "fail-attempts"
	logKey       = prefix + "log"
	waitForStart = "wait-for-"
)

type failure string

const (
	failImagePull   failure = "image-pull"
	failCrashLoop   failure = "crash-loop"
	failOOM         failure = "oom"
	failNeverReady  failure = "never-ready"
	failConfigError failure = "config-error"
	failJob         failure = "job"
)

var failures = []failure{failImagePull, failCrashLoop, failOOM, failNeverReady, failConfigError, failJob}

// wish is what the annotations of a pod ask for.
type wish struct {
	delay    *time.Duration
	failure  failure
	on       string
	attempts int
	log      []string
}

// wishOf reads the annotations. What it cannot understand is said in complaints, which become events of the pod.
func wishOf(pod *corev1.Pod) (wish, []string) {
	var w wish
	var complaints []string
	if value, set := pod.Annotations[delayKey]; set {
		delay, err := time.ParseDuration(value)
		if err != nil || delay < 0 {
			complaints = append(complaints, delayKey+" is a duration such as 3s, not "+strconv.Quote(value))
		} else {
			w.delay = &delay
		}
	}
	if value, set := pod.Annotations[failKey]; set {
		kind, container, _ := strings.Cut(value, ":")
		if !slices.Contains(failures, failure(kind)) {
			complaints = append(complaints, failKey+" does not know "+strconv.Quote(kind))
		} else {
			w.failure, w.on = failure(kind), container
		}
		if w.on == "" && len(pod.Spec.Containers) > 0 {
			w.on = pod.Spec.Containers[0].Name
		}
	}
	if value, set := pod.Annotations[attemptsKey]; set {
		attempts, err := strconv.Atoi(value)
		if err != nil || attempts < 1 {
			complaints = append(complaints, attemptsKey+" is a number of failures, not "+strconv.Quote(value))
		}
		w.attempts = attempts
	}
	if value, set := pod.Annotations[logKey]; set {
		w.log = strings.Split(strings.TrimRight(value, "\n"), "\n")
	}
	return w, complaints
}

// fails tells whether the n-th attempt (from 0) of a container fails in that way.
func (w wish) fails(kind failure, container string, n int) bool {
	return w.failure == kind && w.on == container && (w.attempts == 0 || n < w.attempts)
}

// cannotBePulled is true for images of a registry whose host ends in .invalid, a name that never exists (RFC 2606).
func cannotBePulled(image string) bool {
	host, _, hasPath := strings.Cut(image, "/")
	host, _, _ = strings.Cut(host, ":")
	return hasPath && strings.HasSuffix(host, ".invalid")
}
