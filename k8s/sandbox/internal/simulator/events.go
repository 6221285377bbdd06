package simulator

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/record"
)

// A kubelet's own limits (--event-qps, --event-burst). Nine hundred pods that start at once then do not flood the API
// server with what nobody waits for.
const (
	eventsPerSecond = 50
	eventsAtOnce    = 100
)

// recorder writes events in the name of each node's kubelet.
type recorder struct {
	broadcaster record.EventBroadcaster
	mutex       sync.Mutex
	nodes       map[string]record.EventRecorder
}

func newRecorder(ctx context.Context, config *rest.Config) (*recorder, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = eventsPerSecond, eventsAtOnce
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	return &recorder{broadcaster: broadcaster, nodes: map[string]record.EventRecorder{}}, nil
}

// about writes an event about a pod, or about one of its containers where a field path is given.
func (r *recorder) about(pod *corev1.Pod, fieldPath, kind, reason, message string) {
	r.mutex.Lock()
	node, known := r.nodes[pod.Spec.NodeName]
	if !known {
		source := corev1.EventSource{Component: "kubelet", Host: pod.Spec.NodeName}
		node = r.broadcaster.NewRecorder(scheme.Scheme, source)
		r.nodes[pod.Spec.NodeName] = node
	}
	r.mutex.Unlock()
	node.Event(&corev1.ObjectReference{
		APIVersion: "v1", Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID,
		ResourceVersion: pod.ResourceVersion, FieldPath: fieldPath,
	}, kind, reason, message)
}
