package simulator

import (
	"sync"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	batchlisters "k8s.io/client-go/listers/batch/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/cache"
)

const nameLabel = "app.kubernetes.io/name"

// world is what containers depend on: the other objects of their namespace.
type world struct {
	services   corelisters.ServiceLister
	endpoints  discoverylisters.EndpointSliceLister
	jobs       batchlisters.JobLister
	secrets    corelisters.SecretLister
	configMaps corelisters.ConfigMapLister

	mutex   sync.Mutex
	changes map[string]chan struct{}
}

func newWorld(factory informers.SharedInformerFactory) (*world, error) {
	core := factory.Core().V1()
	w := &world{
		services: core.Services().Lister(), endpoints: factory.Discovery().V1().EndpointSlices().Lister(),
		jobs: factory.Batch().V1().Jobs().Lister(), secrets: core.Secrets().Lister(), configMaps: core.ConfigMaps().Lister(),
		changes: map[string]chan struct{}{},
	}
	for _, informer := range []cache.SharedIndexInformer{
		core.Services().Informer(), core.Secrets().Informer(), core.ConfigMaps().Informer(),
		factory.Discovery().V1().EndpointSlices().Informer(), factory.Batch().V1().Jobs().Informer(),
	} {
		if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    w.changed,
			UpdateFunc: func(_, object any) { w.changed(object) },
		}); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *world) changed(object any) {
	if accessor, err := meta.Accessor(object); err == nil {
		w.wake(accessor.GetNamespace())
	}
}

// wake lets those who wait for something in a namespace look again.
func (w *world) wake(namespace string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if waited, any := w.changes[namespace]; any {
		close(waited)
		delete(w.changes, namespace)
	}
}

// nextChange is closed when something in the namespace changes. Take it first, then look, then wait.
func (w *world) nextChange(namespace string) <-chan struct{} {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	waited, any := w.changes[namespace]
	if !any {
		waited = make(chan struct{})
		w.changes[namespace] = waited
	}
	return waited
}

// availability is what `wait-for-X` asks for.
type availability int

const (
	unknown availability = iota
	awaited
	available
)

// look finds X: a Service of that name with a ready endpoint, else the newest Job labelled with it that has completed.
func (w *world) look(namespace, name string) availability {
	if _, err := w.services.Services(namespace).Get(name); err == nil {
		return availableIf(w.hasReadyEndpoint(namespace, name))
	}
	if job := w.newestJob(namespace, name); job != nil {
		return availableIf(hasCompleted(job))
	}
	return unknown
}

func (w *world) hasReadyEndpoint(namespace, service string) bool {
	selector := labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: service})
	slices, err := w.endpoints.EndpointSlices(namespace).List(selector)
	if err != nil {
		return false
	}
	for _, slice := range slices {
		for _, endpoint := range slice.Endpoints {
			if endpoint.Conditions.Ready != nil && *endpoint.Conditions.Ready {
				return true
			}
		}
	}
	return false
}

func (w *world) newestJob(namespace, name string) *batchv1.Job {
	jobs, err := w.jobs.Jobs(namespace).List(labels.SelectorFromSet(labels.Set{nameLabel: name}))
	if err != nil {
		return nil
	}
	var newest *batchv1.Job
	for _, job := range jobs {
		if newest == nil || newest.CreationTimestamp.Before(&job.CreationTimestamp) {
			newest = job
		}
	}
	return newest
}

func hasCompleted(job *batchv1.Job) bool {
	for _, condition := range job.Status.Conditions {
		if condition.Type == batchv1.JobComplete && condition.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

func availableIf(is bool) availability {
	if is {
		return available
	}
	return awaited
}
