package simulator

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
)

// flush writes the status if it has changed since it was written.
func (p *play) flush(ctx context.Context) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.dirty {
		return
	}
	p.render()
	p.dirty = false
	patch, err := p.patch()
	if err != nil {
		klog.ErrorS(err, "Status cannot be written", "pod", klog.KObj(p.pod))
		return
	}
	err = untilAnswered(ctx, func() error {
		_, err := p.client.CoreV1().Pods(p.pod.Namespace).Patch(
			ctx, p.pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
		return err
	})
	if err != nil && ctx.Err() == nil && !isGone(err) {
		klog.ErrorS(err, "Status was not written", "pod", klog.KObj(p.pod))
	}
}

// untilAnswered goes on until the API server has answered: it may be restarted at any time, and nothing is written twice.
func untilAnswered(ctx context.Context, request func() error) error {
	for pause := firstRetry; ; pause = min(2*pause, time.Second) {
		err := request()
		if err == nil || !isTransient(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// isGone is the answer where an object is no more, or its name is the next one's (the uid in the request tells).
func isGone(err error) bool { return apierrors.IsNotFound(err) || apierrors.IsConflict(err) }

// patch holds the whole status. A merge keeps what it does not mention, so conditions that have lost their reason say so.
func (p *play) patch() ([]byte, error) {
	conditions := make([]map[string]any, 0, len(p.status.Conditions))
	for _, c := range p.status.Conditions {
		conditions = append(conditions, map[string]any{
			"type": c.Type, "status": c.Status, "lastTransitionTime": c.LastTransitionTime,
			"reason": orNull(c.Reason), "message": orNull(c.Message),
		})
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&p.status)
	if err != nil {
		return nil, err
	}
	content["conditions"] = conditions
	return json.Marshal(map[string]any{"metadata": map[string]any{"uid": p.pod.UID}, "status": content})
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func isTransient(err error) bool {
	return !isGone(err) && !apierrors.IsInvalid(err) &&
		!strings.Contains(err.Error(), "context canceled")
}

func (p *play) render() {
	if p.status.Phase != corev1.PodFailed {
		p.status.Phase = phaseOf(p.pod.Spec.RestartPolicy, p.inits, p.mains)
	}
	p.status.Conditions = conditionsOf(p.status.Phase, p.inits, p.mains, p.status.Conditions)
	p.status.InitContainerStatuses = statusesOf(p.inits)
	p.status.ContainerStatuses = statusesOf(p.mains)
}

func statusesOf(boxes []*box) []corev1.ContainerStatus {
	statuses := make([]corev1.ContainerStatus, 0, len(boxes))
	for _, b := range boxes {
		statuses = append(statuses, b.status)
	}
	return statuses
}
