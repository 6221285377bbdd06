package simulator

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// box is one container of a pod and its status.
type box struct {
	corev1.Container
	isInit   bool
	status   corev1.ContainerStatus
	attempts int
}

func newBox(container corev1.Container, isInit bool, waiting string) *box {
	never := false
	return &box{Container: container, isInit: isInit, status: corev1.ContainerStatus{
		Name: container.Name, Image: container.Image, Started: &never,
		State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: waiting}},
	}}
}

// isSidecar is an init container that stays.
func (b *box) isSidecar() bool {
	return b.isInit && b.RestartPolicy != nil && *b.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

func (b *box) isProbed() bool { return b.ReadinessProbe != nil || b.StartupProbe != nil }

func (b *box) fieldPath() string {
	if b.isInit {
		return "spec.initContainers{" + b.Name + "}"
	}
	return "spec.containers{" + b.Name + "}"
}

func (b *box) wait(reason, message string) {
	b.keepLast()
	b.status.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	b.setReady(false)
}

func (b *box) run(uid string, ready bool) {
	if b.attempts > 0 {
		b.status.RestartCount++
	}
	b.attempts++
	b.keepLast()
	b.status.ContainerID = "sandbox://" + digest(uid, b.Name, fmt.Sprint(b.attempts))
	b.status.ImageID = b.Image
	if !strings.Contains(b.Image, "@") {
		b.status.ImageID = b.Image + "@sha256:" + digest(b.Image)
	}
	b.status.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}}
	b.setReady(ready)
	started := b.StartupProbe == nil || ready
	b.status.Started = &started
}

func (b *box) end(code int32, reason string) {
	startedAt := metav1.Now()
	if b.status.State.Running != nil {
		startedAt = b.status.State.Running.StartedAt
	}
	b.status.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, StartedAt: startedAt, FinishedAt: metav1.Now(), ContainerID: b.status.ContainerID,
	}}
	// An init container counts as ready once it has done its work.
	b.setReady(b.isInit && code == 0)
	started := false
	b.status.Started = &started
}

func (b *box) setReady(ready bool) {
	b.status.Ready = ready
	if ready {
		b.status.Started = &ready
	}
}

func (b *box) keepLast() {
	if b.status.State.Terminated != nil {
		b.status.LastTerminationState = corev1.ContainerState{Terminated: b.status.State.Terminated}
	}
}

func (b *box) isDone() bool {
	if b.isSidecar() && b.status.State.Terminated == nil {
		return b.status.Started != nil && *b.status.Started
	}
	return b.status.State.Terminated != nil && b.status.State.Terminated.ExitCode == 0
}

func digest(parts ...string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(parts, "/"))))
}

// phaseOf follows the kubelet's getPhase (kubelet_pods.go).
func phaseOf(policy corev1.RestartPolicy, inits, mains []*box) corev1.PodPhase {
	for _, b := range inits {
		if ended := b.status.State.Terminated; ended != nil && ended.ExitCode != 0 && policy == corev1.RestartPolicyNever {
			return corev1.PodFailed
		}
		if !b.isDone() {
			return corev1.PodPending
		}
	}
	waiting, running, failed := 0, 0, 0
	for _, b := range mains {
		switch state := b.status.State; {
		case state.Running != nil:
			running++
		case state.Terminated != nil:
			if state.Terminated.ExitCode != 0 {
				failed++
			}
		case b.status.LastTerminationState.Terminated != nil:
			running++
		default:
			waiting++
		}
	}
	switch {
	case waiting > 0:
		return corev1.PodPending
	case running > 0 || policy == corev1.RestartPolicyAlways:
		return corev1.PodRunning
	case failed == 0:
		return corev1.PodSucceeded
	case policy == corev1.RestartPolicyNever:
		return corev1.PodFailed
	default:
		return corev1.PodRunning
	}
}

// conditionsOf gives the conditions that a kubelet writes; those that stay as they were keep their transition time.
func conditionsOf(phase corev1.PodPhase, inits, mains []*box, before []corev1.PodCondition) []corev1.PodCondition {
	var uninitialized, unready []string
	for _, b := range inits {
		if !b.isDone() {
			uninitialized = append(uninitialized, b.Name)
		}
	}
	for _, b := range mains {
		if !b.status.Ready {
			unready = append(unready, b.Name)
		}
	}
	initialized := condition(corev1.PodInitialized, "ContainersNotInitialized", "incomplete", uninitialized)
	contained := condition(corev1.ContainersReady, "ContainersNotReady", "unready", unready)
	ready := condition(corev1.PodReady, "ContainersNotReady", "unready", unready)
	if phase == corev1.PodSucceeded {
		initialized.Reason, contained.Reason, ready.Reason = "PodCompleted", "PodCompleted", "PodCompleted"
		contained.Message, ready.Message = "", ""
	}
	started := corev1.PodCondition{Type: corev1.PodReadyToStartContainers, Status: corev1.ConditionTrue}
	all := []corev1.PodCondition{started, initialized, ready, contained}
	for i := range all {
		all[i].LastTransitionTime = metav1.NewTime(time.Now())
		for _, old := range before {
			if old.Type == all[i].Type && old.Status == all[i].Status {
				all[i].LastTransitionTime = old.LastTransitionTime
			}
		}
	}
	return all
}

func condition(kind corev1.PodConditionType, reason, adjective string, names []string) corev1.PodCondition {
	if len(names) == 0 {
		return corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue}
	}
	return corev1.PodCondition{
		Type: kind, Status: corev1.ConditionFalse, Reason: reason,
		Message: fmt.Sprintf("containers with %s status: [%s]", adjective, strings.Join(names, " ")),
	}
}
