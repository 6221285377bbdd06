// Package scheduling makes pods unschedulable on demand. A pod that no node takes is never played, so only the scheduler
// can show this failure; the condition and the event are its own.
package scheduling

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kube-scheduler/framework"

	"forge.dev/sandbox/internal/steer"
)

const (
	// PluginName is how the scheduler's configuration names the plugin.
	PluginName = "SimulatedFailures"
	// Failure is the value of the annotation.
	Failure = "unschedulable"
)

type plugin struct{}

// NewPlugin makes the scheduler plugin.
func NewPlugin(context.Context, runtime.Object, framework.Handle) (framework.Plugin, error) {
	return plugin{}, nil
}

func (plugin) Name() string { return PluginName }

// Filter refuses every node, in the words of the scheduler's own resource check.
func (plugin) Filter(_ context.Context, _ framework.CycleState, pod *corev1.Pod, _ framework.NodeInfo) *framework.Status {
	if pod.Annotations[steer.Fail] != Failure {
		return nil
	}
	return framework.NewStatus(framework.UnschedulableAndUnresolvable, "Insufficient cpu")
}
