package simulator

import (
	"context"
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"forge.dev/sandbox/internal/latency"
)

const (
	namespace = "shop"
	// Far longer than anything here takes; who waits so long waits in vain.
	patience = 10 * time.Second
)

// scene is a simulator beside an API server that only keeps objects.
type scene struct {
	*testing.T
	*simulator
	client *fake.Clientset
	events chan *corev1.Event
}

func newScene(t *testing.T, profile string, objects ...runtime.Object) *scene {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	events := make(chan *corev1.Event, 1000)
	broadcaster.StartEventWatcher(func(event *corev1.Event) { events <- event })
	loaded, err := latency.Load(profile)
	check(t, err)
	client := fake.NewClientset(objects...)
	factory := informers.NewSharedInformerFactory(client, 0)
	world, err := newWorld(factory)
	check(t, err)
	logs := newLogbook()
	s := &simulator{
		ctx: ctx, client: client, profile: loaded, logs: logs, streams: newStreams(logs), world: world,
		events: &recorder{broadcaster: broadcaster, nodes: map[string]record.EventRecorder{}},
		nodes:  factory.Core().V1().Nodes().Lister(), kubelet: &nodes{}, network: netip.MustParsePrefix("10.244.0.0/16"),
		playing: map[types.UID]context.CancelFunc{}, leaving: map[types.UID]struct{}{}, failed: map[types.UID]int{},
	}
	_, err = factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: s.changed, UpdateFunc: func(_, pod any) { s.changed(pod) }, DeleteFunc: s.removed,
	})
	check(t, err)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	return &scene{T: t, simulator: s, client: client, events: events}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// put makes a pod and returns its name.
func (s *scene) put(pod *corev1.Pod) string {
	s.Helper()
	_, err := s.client.CoreV1().Pods(namespace).Create(s.Context(), pod, metav1.CreateOptions{})
	check(s.T, err)
	return pod.Name
}

func (s *scene) get(name string) *corev1.Pod {
	s.Helper()
	pod, err := s.client.CoreV1().Pods(namespace).Get(s.Context(), name, metav1.GetOptions{})
	check(s.T, err)
	return pod
}

// until waits for what a pod's status is to show, and fails with what it shows instead.
func (s *scene) until(name, what string, isSo func(corev1.PodStatus) bool) corev1.PodStatus {
	s.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if pod := s.get(name); isSo(pod.Status) {
			return pod.Status
		}
	}
	s.Fatalf("%s is never %s: %+v", name, what, s.get(name).Status)
	return corev1.PodStatus{}
}

func (s *scene) untilReady(name string) corev1.PodStatus {
	s.Helper()
	return s.until(name, "ready", isReady)
}

// stays fails when a pod's status shows something within a while that is long beside an instant pod.
func (s *scene) stays(name, what string, isSo func(corev1.PodStatus) bool) {
	s.Helper()
	for end := time.Now().Add(400 * time.Millisecond); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if pod := s.get(name); isSo(pod.Status) {
			s.Fatalf("%s is %s: %+v", name, what, pod.Status)
		}
	}
}

// hears waits for an event with that reason.
func (s *scene) hears(reason string) *corev1.Event {
	s.Helper()
	for {
		select {
		case event := <-s.events:
			if event.Reason == reason {
				return event
			}
		case <-time.After(patience):
			s.Fatalf("no event %s", reason)
			return nil
		}
	}
}

func isReady(status corev1.PodStatus) bool {
	for _, condition := range status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func isPhase(phase corev1.PodPhase) func(corev1.PodStatus) bool {
	return func(status corev1.PodStatus) bool { return status.Phase == phase }
}

// waits is true while the first container waits for that reason.
func waits(reason string) func(corev1.PodStatus) bool {
	return func(status corev1.PodStatus) bool {
		return len(status.ContainerStatuses) > 0 && status.ContainerStatuses[0].State.Waiting != nil &&
			status.ContainerStatuses[0].State.Waiting.Reason == reason
	}
}

type change func(*corev1.Pod)

// podOf is a scheduled pod with one container that has no probe.
func podOf(name string, changes ...change) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, UID: types.UID("uid-" + name), Labels: map[string]string{nameLabel: name},
			Annotations: map[string]string{},
		},
		Spec: corev1.PodSpec{
			NodeName: "node-1", RestartPolicy: corev1.RestartPolicyAlways,
			Containers: []corev1.Container{{Name: "main", Image: "example.test/main:1"}},
		},
	}
	for _, change := range changes {
		change(pod)
	}
	return pod
}

// annotated sets an annotation of the simulation, without its prefix.
func annotated(key, value string) change {
	return func(pod *corev1.Pod) { pod.Annotations[prefix+key] = value }
}

func probed(pod *corev1.Pod) { pod.Spec.Containers[0].ReadinessProbe = &corev1.Probe{} }

// ofJob is a pod that is to end, one of a Job's.
func ofJob(job string) change {
	isController := true
	return func(pod *corev1.Pod) {
		pod.Spec.RestartPolicy = corev1.RestartPolicyNever
		pod.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: "batch/v1", Kind: "Job", Name: job, UID: types.UID(job), Controller: &isController,
		}}
	}
}

func withInit(name string) change {
	return func(pod *corev1.Pod) {
		pod.Spec.InitContainers = append(pod.Spec.InitContainers, corev1.Container{Name: name, Image: "example.test/init:1"})
	}
}

func named(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{nameLabel: name}}
}
