package simulator

import (
	"context"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// A reference that is not in the cache yet may have been created a moment ago.
	cacheLag = 300 * time.Millisecond
	// How long `wait-for-X` believes that an X that does not exist may still be created by the same deploy: helm writes
	// Jobs after Deployments.
	strangerAfter = 2 * time.Second
	// The pause before a status is written again; it doubles up to a second.
	firstRetry = 20 * time.Millisecond
)

// play is the performance of one pod. It reads as what happens to the pod; its status is written whenever the script
// is about to wait, so that an instant pod costs one request.
type play struct {
	*simulator
	pod   *corev1.Pod
	wish  wish
	delay time.Duration
	// How many pods of the same Job have failed before this one.
	failedBefore int
	inits        []*box
	mains        []*box

	mutex  sync.Mutex
	status corev1.PodStatus
	dirty  bool
}

func newPlay(s *simulator, pod *corev1.Pod) *play {
	p := &play{simulator: s, pod: pod}
	wish, complaints := wishOf(pod, s.profile.Failures[pod.Labels[nameLabel]])
	p.wish = wish
	p.delay = s.profile.Delay(pod.Labels[nameLabel], pod.Spec.RestartPolicy != corev1.RestartPolicyAlways)
	if wish.delay != nil {
		p.delay = *wish.delay
	}
	waiting := "ContainerCreating"
	if len(pod.Spec.InitContainers) > 0 {
		waiting = "PodInitializing"
	}
	for _, container := range pod.Spec.InitContainers {
		p.inits = append(p.inits, newBox(container, true, waiting))
	}
	for _, container := range pod.Spec.Containers {
		p.mains = append(p.mains, newBox(container, false, waiting))
	}
	for _, complaint := range complaints {
		s.events.about(pod, "", corev1.EventTypeWarning, "SandboxAnnotation", complaint)
	}
	return p
}

// run ends with the pod: when its containers have ended, or when it is deleted.
func (p *play) run(ctx context.Context) {
	p.begin()
	p.failedBefore = p.failuresBefore(p.pod)
	if p.mount(ctx) && p.initialize(ctx) {
		var group sync.WaitGroup
		for _, b := range p.mains {
			group.Go(func() { p.perform(ctx, b) })
		}
		group.Wait()
	}
	if ctx.Err() != nil {
		p.conclude()
		return
	}
	p.endSidecars()
	p.flush(ctx)
}

// endSidecars is what happens when the main containers have done their work.
func (p *play) endSidecars() {
	for _, b := range p.inits {
		if b.isSidecar() && b.status.State.Running != nil {
			p.edit(func() { b.end(0, "Completed") })
			p.logs.close(p.pod, b.Name)
		}
	}
}

func (p *play) begin() {
	now := metav1.Now()
	p.status.StartTime = &now
	p.status.HostIP = p.nodeAddress(p.pod.Spec.NodeName)
	p.status.PodIP = p.address()
	if p.pod.Spec.HostNetwork {
		p.status.PodIP = p.status.HostIP
	}
	if p.status.HostIP != "" {
		p.status.HostIPs = []corev1.HostIP{{IP: p.status.HostIP}}
	}
	p.status.PodIPs = []corev1.PodIP{{IP: p.status.PodIP}}
	p.status.ObservedGeneration = p.pod.Generation
	p.dirty = true
}

// mount waits for the Secrets and ConfigMaps of the volumes; without them a kubelet starts no container.
func (p *play) mount(ctx context.Context) bool {
	isThere := func() bool { return p.world.missingForVolumes(p.pod) == "" }
	if p.hold(ctx, isThere, cacheLag) {
		return true
	}
	if ctx.Err() != nil {
		return false
	}
	p.events.about(p.pod, "", corev1.EventTypeWarning, "FailedMount", p.world.missingForVolumes(p.pod))
	return p.hold(ctx, isThere, 0)
}

// initialize runs the init containers one after another.
func (p *play) initialize(ctx context.Context) bool {
	for _, b := range p.inits {
		if b.isSidecar() {
			go p.perform(ctx, b)
			// Its start is seen by `edit`, which wakes this up.
			if !p.hold(ctx, func() bool { return p.read(b.isDone) }, 0) {
				return false
			}
		} else if !p.perform(ctx, b) {
			return false
		}
	}
	if len(p.inits) > 0 {
		p.edit(func() {
			for _, b := range p.mains {
				b.wait("ContainerCreating", "")
			}
		})
	}
	return true
}

// conclude is what a kubelet writes of a deleted pod. Only the Job controller waits for it, which keeps the pod until
// it has counted its outcome; other pods vanish a moment later anyway.
func (p *play) conclude() {
	p.logs.closeAll(p.pod)
	if len(p.pod.Finalizers) == 0 || p.simulator.ctx.Err() != nil {
		return
	}
	p.edit(func() {
		for _, b := range append(p.inits, p.mains...) {
			if b.status.State.Terminated == nil {
				b.end(143, "Error")
			}
		}
		p.status.Phase = corev1.PodFailed
	})
	p.flush(p.simulator.ctx)
}

func (p *play) edit(change func()) {
	p.mutex.Lock()
	change()
	p.dirty = true
	p.mutex.Unlock()
	if slices.ContainsFunc(p.inits, (*box).isSidecar) {
		p.world.wake(p.pod.Namespace)
	}
}

func (p *play) read(question func() bool) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return question()
}

// sleep returns false when the pod is deleted meanwhile.
func (p *play) sleep(ctx context.Context, duration time.Duration) bool {
	if duration <= 0 {
		return ctx.Err() == nil
	}
	p.flush(ctx)
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// hold waits for a condition about the pod's namespace, without end where limit is 0. It tells whether the condition
// came true.
func (p *play) hold(ctx context.Context, isMet func() bool, limit time.Duration) bool {
	var timeout <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		timeout = timer.C
	}
	for {
		change := p.world.nextChange(p.pod.Namespace)
		if isMet() {
			return ctx.Err() == nil
		}
		p.flush(ctx)
		select {
		case <-ctx.Done():
			return false
		case <-timeout:
			return false
		case <-change:
		}
	}
}
