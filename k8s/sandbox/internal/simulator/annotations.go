package simulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"forge.dev/sandbox/internal/scheduling"
	"forge.dev/sandbox/internal/steer"
)

// Annotations of a pod that steer its simulation; docs/sandbox.md describes them.
const (
	prefix       = steer.Prefix
	delayKey     = prefix + "delay"
	failKey      = steer.Fail
	attemptsKey  = prefix + "fail-attempts"
	exitKey      = prefix + "exit-code"
	logKey       = prefix + "log"
	forwardKey   = prefix + "forward"
	programsKey  = prefix + "programs"
	waitForStart = "wait-for-"
)

type failure string

const (
	failImagePull    failure = "image-pull"
	failImageDenied  failure = "image-denied"
	failImageNetwork failure = "image-network"
	failCrashLoop    failure = "crash-loop"
	failOOM          failure = "oom"
	failStart        failure = "start"
	failLiveness     failure = "liveness"
	failNeverReady   failure = "never-ready"
	failFlapping     failure = "flapping"
	failConfigError  failure = "config-error"
	failJob          failure = "job"
)

var failures = []failure{
	failImagePull, failImageDenied, failImageNetwork, failCrashLoop, failOOM, failStart, failLiveness, failNeverReady,
	failFlapping, failConfigError, failJob,
}

// wish is what the annotations of a pod ask for.
type wish struct {
	delay    *time.Duration
	failure  failure
	on       string
	attempts int
	exit     int32
	log      []string
}

// wishOf reads the annotations, and what the latency file says of the pod's component where an annotation is silent. What
// it cannot understand is said in complaints, which become events of the pod.
func wishOf(pod *corev1.Pod, byFile map[string]string) (wish, []string) {
	w := wish{exit: 1}
	var complaints []string
	annotations := maps.Clone(pod.Annotations)
	for key, value := range byFile {
		if _, set := annotations[prefix+key]; !set {
			annotations = with(annotations, prefix+key, value)
		}
	}
	if value, set := annotations[delayKey]; set {
		delay, err := time.ParseDuration(value)
		if err != nil || delay < 0 {
			complaints = append(complaints, delayKey+" is a duration such as 3s, not "+strconv.Quote(value))
		} else {
			w.delay = &delay
		}
	}
	if value, set := annotations[failKey]; set {
		kind, container, _ := strings.Cut(value, ":")
		switch {
		case slices.Contains(failures, failure(kind)):
			w.failure, w.on = failure(kind), container
		case kind != scheduling.Failure:
			complaints = append(complaints, failKey+" does not know "+strconv.Quote(kind))
		}
		if w.on == "" && len(pod.Spec.Containers) > 0 {
			w.on = pod.Spec.Containers[0].Name
		}
	}
	if value, set := annotations[attemptsKey]; set {
		attempts, err := strconv.Atoi(value)
		if err != nil || attempts < 1 {
			complaints = append(complaints, attemptsKey+" is a number of failures, not "+strconv.Quote(value))
		}
		w.attempts = attempts
	}
	if value, set := annotations[exitKey]; set {
		code, err := strconv.ParseUint(value, 10, 8)
		if err != nil || code == 0 {
			complaints = append(complaints, exitKey+" is a number from 1 to 255, not "+strconv.Quote(value))
		} else {
			w.exit = int32(code)
		}
	}
	if value, set := annotations[logKey]; set {
		w.log = strings.Split(strings.TrimRight(value, "\n"), "\n")
	}
	return w, complaints
}

func with(annotations map[string]string, key, value string) map[string]string {
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[key] = value
	return annotations
}

// fails tells whether the n-th attempt (from 0) of a container fails in that way.
func (w wish) fails(kind failure, container string, n int) bool {
	return w.failure == kind && w.on == container && (w.attempts == 0 || n < w.attempts)
}

// cannotBePulled is true for images of a registry whose host ends in .invalid, a name that never exists (RFC 2606).
func cannotBePulled(image string) bool {
	return strings.HasSuffix(registryOf(image), ".invalid")
}

// registryOf gives the host that an image is pulled from, without its port.
func registryOf(image string) string {
	host, _, hasPath := strings.Cut(image, "/")
	if !hasPath || !strings.ContainsAny(host, ".:") {
		return "registry-1.docker.io"
	}
	host, _, _ = strings.Cut(host, ":")
	return host
}
