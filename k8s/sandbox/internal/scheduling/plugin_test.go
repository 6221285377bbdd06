package scheduling

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kube-scheduler/framework"

	"forge.dev/sandbox/internal/steer"
)

func TestOnlyAPodThatAsksForItFitsNowhere(t *testing.T) {
	for value, wanted := range map[string]framework.Code{"": framework.Success, "oom": framework.Success, Failure: framework.UnschedulableAndUnresolvable} {
		pod := &corev1.Pod{}
		pod.Annotations = map[string]string{steer.Fail: value}
		if code := (plugin{}).Filter(t.Context(), nil, pod, nil).Code(); code != wanted {
			t.Errorf("%q: %s", value, code)
		}
	}
}
