package simulator

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"forge.dev/sandbox/internal/latency"
)

// simulator plays every scheduled pod once, from its binding to its end.
type simulator struct {
	ctx     context.Context
	client  kubernetes.Interface
	profile latency.Profile
	events  *recorder
	logs    *logbook
	streams *streams
	world   *world
	nodes   corelisters.NodeLister
	kubelet *nodes

	network netip.Prefix
	given   atomic.Uint32

	mutex   sync.Mutex
	playing map[types.UID]context.CancelFunc
	// Deleted pods that are about to be taken away.
	leaving map[types.UID]struct{}
	// Failed pods by the Job that made them.
	failed map[types.UID]int
}

func newSimulator(
	ctx context.Context, client kubernetes.Interface, config *rest.Config, factory informers.SharedInformerFactory,
	kubelet kubelet, f flags,
) (*simulator, error) {
	profile, err := latency.Load(f.latency)
	if err != nil {
		return nil, err
	}
	network, err := netip.ParsePrefix(f.podNetwork)
	if err != nil {
		return nil, err
	}
	events, err := newRecorder(ctx, config)
	if err != nil {
		return nil, err
	}
	world, err := newWorld(factory)
	if err != nil {
		return nil, err
	}
	nodes, err := newNodes(ctx, client, kubelet, factory.Core().V1().Nodes().Informer())
	if err != nil {
		return nil, err
	}
	logs := newLogbook()
	s := &simulator{
		ctx: ctx, client: client, profile: profile, events: events, logs: logs, streams: newStreams(logs), world: world,
		nodes: factory.Core().V1().Nodes().Lister(), kubelet: nodes, network: network, playing: map[types.UID]context.CancelFunc{},
		leaving: map[types.UID]struct{}{}, failed: map[types.UID]int{},
	}
	_, err = factory.Batch().V1().Jobs().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		DeleteFunc: s.forgetFailures,
	})
	if err != nil {
		return nil, err
	}
	_, err = factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    s.changed,
		UpdateFunc: func(_, pod any) { s.changed(pod) },
		DeleteFunc: s.removed,
	})
	return s, err
}

func (s *simulator) changed(object any) {
	pod, isPod := object.(*corev1.Pod)
	if !isPod || pod.Spec.NodeName == "" {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	cancel, isPlaying := s.playing[pod.UID]
	switch {
	case pod.DeletionTimestamp != nil:
		if isPlaying {
			cancel()
		}
		if _, isLeaving := s.leaving[pod.UID]; !isLeaving {
			s.leaving[pod.UID] = struct{}{}
			go s.takeAway(pod)
		}
	case !isPlaying && !hasEnded(pod):
		ctx, cancel := context.WithCancel(s.ctx)
		s.playing[pod.UID] = cancel
		s.streams.begin(ctx, pod)
		go newPlay(s, pod).run(ctx)
	}
}

func (s *simulator) removed(object any) {
	if gone, unseen := object.(cache.DeletedFinalStateUnknown); unseen {
		object = gone.Obj
	}
	pod, isPod := object.(*corev1.Pod)
	if !isPod {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if cancel, isPlaying := s.playing[pod.UID]; isPlaying {
		cancel()
		delete(s.playing, pod.UID)
	}
	delete(s.leaving, pod.UID)
	s.logs.forget(pod)
	s.streams.forget(pod)
}

// takeAway is how a kubelet ends a pod that was deleted: its containers have stopped, so the object may go.
func (s *simulator) takeAway(pod *corev1.Pod) {
	select {
	case <-s.ctx.Done():
		return
	case <-time.After(s.profile.Terminate.Duration):
	}
	if _, err := s.nodes.Get(pod.Spec.NodeName); err != nil {
		return // No node, no kubelet: its pods are the garbage collector's.
	}
	options := metav1.NewPreconditionDeleteOptions(string(pod.UID))
	options.GracePeriodSeconds = new(int64)
	err := untilAnswered(s.ctx, func() error {
		return s.client.CoreV1().Pods(pod.Namespace).Delete(s.ctx, pod.Name, *options)
	})
	if err != nil && s.ctx.Err() == nil && !isGone(err) {
		klog.ErrorS(err, "Pod was not taken away", "pod", klog.KObj(pod))
	}
}

func (s *simulator) countFailure(pod *corev1.Pod) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if owner := metav1.GetControllerOf(pod); owner != nil {
		s.failed[owner.UID]++
	}
}

func (s *simulator) failuresBefore(pod *corev1.Pod) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if owner := metav1.GetControllerOf(pod); owner != nil {
		return s.failed[owner.UID]
	}
	return 0
}

func (s *simulator) forgetFailures(object any) {
	if gone, unseen := object.(cache.DeletedFinalStateUnknown); unseen {
		object = gone.Obj
	}
	if accessor, err := meta.Accessor(object); err == nil {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		delete(s.failed, accessor.GetUID())
	}
}

// address gives each pod an address of its own; after 65 thousand pods they come again.
func (s *simulator) address() string {
	raw := s.network.Masked().Addr().As4()
	n := s.given.Add(1)
	raw[2], raw[3] = byte(n>>8), byte(n)
	return netip.AddrFrom4(raw).String()
}

func (s *simulator) nodeAddress(name string) string {
	node, err := s.nodes.Get(name)
	if err != nil {
		return ""
	}
	return s.kubelet.addressOf(node)
}

func hasEnded(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// slim keeps of objects in memory only what is looked at: of Secrets and ConfigMaps that is the names of their keys.
func slim(object any) (any, error) {
	if accessor, err := meta.Accessor(object); err == nil {
		accessor.SetManagedFields(nil)
	}
	switch typed := object.(type) {
	case *corev1.Secret:
		for key := range typed.Data {
			typed.Data[key] = nil
		}
	case *corev1.ConfigMap:
		for key := range typed.Data {
			typed.Data[key] = ""
		}
		for key := range typed.BinaryData {
			typed.BinaryData[key] = nil
		}
	}
	return object, nil
}
