package claims

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
	"k8s.io/klog/v2"
	"k8s.io/kube-scheduler/framework"
)

// PluginName is how the scheduler's configuration names the plugin.
const PluginName = "BoundClaims"

// The volume controller sets it when both sides of a binding are written.
const bindCompleted = "pv.kubernetes.io/bind-completed"

// plugin keeps a pod out of the scheduling queue until the provisioner has bound its claims. The scheduler's own volume
// binding looks for a bound claim once a second, which would add that second to every first deploy.
type plugin struct {
	claims  corelisters.PersistentVolumeClaimLister
	volumes corelisters.PersistentVolumeLister
	classes storagelisters.StorageClassLister
}

// NewPlugin makes the scheduler plugin.
func NewPlugin(_ context.Context, _ runtime.Object, handle framework.Handle) (framework.Plugin, error) {
	factory := handle.SharedInformerFactory()
	return &plugin{
		claims:  factory.Core().V1().PersistentVolumeClaims().Lister(),
		volumes: factory.Core().V1().PersistentVolumes().Lister(),
		classes: factory.Storage().V1().StorageClasses().Lister(),
	}, nil
}

func (p *plugin) Name() string { return PluginName }

// PreEnqueue holds a pod whose claims are about to be bound. Claims that are missing, or of another class, are the
// business of the scheduler's own plugins and their events.
func (p *plugin) PreEnqueue(_ context.Context, pod *corev1.Pod) *framework.Status {
	for _, name := range namesOf(pod) {
		claim, err := p.claims.PersistentVolumeClaims(pod.Namespace).Get(name)
		if err == nil && p.isOurs(claim) && !p.isBound(claim) {
			return framework.NewStatus(framework.UnschedulableAndUnresolvable, "claim "+name+" is being provisioned")
		}
	}
	return nil
}

// EventsToRegister names what can release a held pod: its claim, or the volume behind it, has changed.
func (p *plugin) EventsToRegister(_ context.Context) ([]framework.ClusterEventWithHint, error) {
	change := framework.Add | framework.Update
	return []framework.ClusterEventWithHint{
		{Event: framework.ClusterEvent{Resource: framework.PersistentVolumeClaim, ActionType: change}, QueueingHintFn: p.release},
		{Event: framework.ClusterEvent{Resource: framework.PersistentVolume, ActionType: change}, QueueingHintFn: p.release},
	}, nil
}

func (p *plugin) release(_ klog.Logger, pod *corev1.Pod, _, _ any) (framework.QueueingHint, error) {
	if p.PreEnqueue(context.Background(), pod).IsSuccess() {
		return framework.Queue, nil
	}
	return framework.QueueSkip, nil
}

func (p *plugin) isOurs(claim *corev1.PersistentVolumeClaim) bool {
	if claim.Spec.StorageClassName == nil {
		return false
	}
	class, err := p.classes.Get(*claim.Spec.StorageClassName)
	return err == nil && class.Provisioner == Provisioner
}

func (p *plugin) isBound(claim *corev1.PersistentVolumeClaim) bool {
	if claim.Spec.VolumeName == "" || claim.Annotations[bindCompleted] == "" {
		return false
	}
	// The claim's watch may be ahead of the volume's; the scheduler would then reject the pod and back off.
	_, err := p.volumes.Get(claim.Spec.VolumeName)
	return err == nil
}

func namesOf(pod *corev1.Pod) []string {
	var names []string
	for _, volume := range pod.Spec.Volumes {
		if volume.PersistentVolumeClaim != nil {
			names = append(names, volume.PersistentVolumeClaim.ClaimName)
		}
	}
	return names
}
