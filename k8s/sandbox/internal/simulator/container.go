package simulator

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// perform plays one container, attempt after attempt. It returns true when the container has done its work, false when
// it never will: it failed for good, or the pod is deleted.
func (p *play) perform(ctx context.Context, b *box) bool {
	for attempt := 0; ; attempt++ {
		if !p.pull(ctx, b) || !p.configure(ctx, b) {
			return false
		}
		code, reason, ended := p.attempt(ctx, b, attempt)
		if !ended {
			return false
		}
		p.edit(func() { b.end(code, reason) })
		p.logs.close(p.pod, b.Name)
		if code == 0 {
			return true
		}
		if p.pod.Spec.RestartPolicy == corev1.RestartPolicyNever {
			p.countFailure(p.pod)
		}
		// Everybody who watches sees the end of this attempt, not only of the last one.
		p.flush(ctx)
		if p.pod.Spec.RestartPolicy == corev1.RestartPolicyNever && !b.isSidecar() {
			return false
		}
		if !p.backOff(ctx, b, attempt) {
			return false
		}
	}
}

// pull returns once the image is there.
func (p *play) pull(ctx context.Context, b *box) bool {
	for n := 0; ; n++ {
		reason := p.pullError(b, n)
		if reason == "" {
			break
		}
		p.tell(b, corev1.EventTypeNormal, "Pulling", fmt.Sprintf("Pulling image %q", b.Image))
		p.tell(b, corev1.EventTypeWarning, "Failed", fmt.Sprintf("Failed to pull image %q: %s", b.Image, reason))
		p.tell(b, corev1.EventTypeWarning, "Failed", "Error: ErrImagePull")
		p.edit(func() { b.wait("ErrImagePull", reason) })
		if !p.sleep(ctx, p.profile.Crash.Duration) {
			return false
		}
		p.tell(b, corev1.EventTypeNormal, "BackOff", fmt.Sprintf("Back-off pulling image %q", b.Image))
		p.tell(b, corev1.EventTypeWarning, "Failed", "Error: ImagePullBackOff")
		p.edit(func() {
			b.wait("ImagePullBackOff", fmt.Sprintf("Back-off pulling image %q: ErrImagePull: %s", b.Image, reason))
		})
		if !p.sleep(ctx, p.pause(n)) {
			return false
		}
	}
	if b.attempts == 0 {
		p.tell(b, corev1.EventTypeNormal, "Pulled", fmt.Sprintf("Container image %q already present on machine", b.Image))
	}
	return true
}

// configure returns once everything that the container's environment names exists.
func (p *play) configure(ctx context.Context, b *box) bool {
	for n := 0; p.wish.fails(failConfigError, b.Name, n); n++ {
		message := fmt.Sprintf("couldn't find key SIMULATED in Secret %s/simulated", p.pod.Namespace)
		if !p.refuse(ctx, b, message) || !p.sleep(ctx, p.pause(n)) {
			return false
		}
	}
	isThere := func() bool { return p.world.missingForEnv(p.pod.Namespace, b.Container) == "" }
	if p.hold(ctx, isThere, cacheLag) {
		return true
	}
	if ctx.Err() != nil || !p.refuse(ctx, b, p.world.missingForEnv(p.pod.Namespace, b.Container)) {
		return false
	}
	return p.hold(ctx, isThere, 0)
}

func (p *play) refuse(ctx context.Context, b *box, message string) bool {
	p.tell(b, corev1.EventTypeWarning, "Failed", "Error: "+message)
	p.edit(func() { b.wait("CreateContainerConfigError", message) })
	p.flush(ctx)
	return ctx.Err() == nil
}

// attempt runs the container once and gives its exit; ended is false when the pod was deleted first.
func (p *play) attempt(ctx context.Context, b *box, n int) (code int32, reason string, ended bool) {
	// Where each attempt is a pod of its own, those before it count.
	n += p.failedBefore
	switch {
	case p.wish.fails(failCrashLoop, b.Name, n):
		return p.fail(ctx, b, p.crashAfter(), p.wish.exit, "Error")
	case p.wish.fails(failOOM, b.Name, n):
		return p.fail(ctx, b, p.crashAfter(), 137, "OOMKilled")
	case p.wish.fails(failJob, b.Name, n):
		return p.fail(ctx, b, p.delay, p.wish.exit, "Error")
	case p.wish.fails(failStart, b.Name, n):
		return p.failToStart(ctx, b)
	case p.wish.fails(failLiveness, b.Name, n):
		return p.failLiveness(ctx, b)
	case b.isInit && !b.isSidecar():
		return p.prepare(ctx, b)
	case p.pod.Spec.RestartPolicy != corev1.RestartPolicyAlways && !b.isSidecar():
		p.start(b, !b.isProbed())
		done := p.sleep(ctx, p.delay)
		p.log(b, "done after "+p.delay.String())
		return 0, "Completed", done
	default:
		p.serve(ctx, b, n)
		return 0, "", false
	}
}

// prepare is the life of an init container.
func (p *play) prepare(ctx context.Context, b *box) (int32, string, bool) {
	p.start(b, false)
	target, waits := strings.CutPrefix(b.Name, waitForStart)
	if waits && !p.waitFor(ctx, b, target) {
		return 0, "", false
	}
	done := p.sleep(ctx, p.profile.Init.Duration)
	p.log(b, "done")
	return 0, "Completed", done
}

// waitFor returns once the service or Job is there. A target that nobody has created after a while is no business of
// this simulation: the container passes.
func (p *play) waitFor(ctx context.Context, b *box, target string) bool {
	look := func() availability { return p.world.look(p.pod.Namespace, target) }
	if look() == available {
		return true
	}
	p.log(b, "waiting for "+target)
	known := p.hold(ctx, func() bool { return look() != unknown }, strangerAfter)
	if known && !p.hold(ctx, func() bool { return look() == available }, 0) {
		return false
	}
	if known {
		p.log(b, target+" is there")
	} else {
		p.log(b, "there is no Service and no Job "+target)
	}
	return ctx.Err() == nil
}

// serve is the life of a container that is meant to stay; it returns when the pod is deleted.
func (p *play) serve(ctx context.Context, b *box, n int) {
	neverReady := p.wish.fails(failNeverReady, b.Name, n)
	flaps := p.wish.fails(failFlapping, b.Name, n)
	if !b.isProbed() && !neverReady && !flaps {
		// Nothing tells running from ready without a probe, so the delay comes before the start.
		if !p.sleep(ctx, p.delay) {
			return
		}
		p.start(b, true)
	} else {
		p.start(b, false)
		if !p.sleep(ctx, p.delay) {
			return
		}
		if neverReady {
			p.tell(b, corev1.EventTypeWarning, "Unhealthy", probeFails)
			p.log(b, "simulated failure (never-ready): the readiness probe gets 503")
		} else {
			p.edit(func() { b.setReady(true) })
		}
	}
	if !neverReady {
		p.log(b, "ready after "+p.delay.String())
	}
	if flaps && !p.flap(ctx, b) {
		return
	}
	p.flush(ctx)
	<-ctx.Done()
}

func (p *play) start(b *box, ready bool) {
	p.edit(func() { b.run(string(p.pod.UID), ready) })
	p.logs.open(p.pod, b.Name)
	p.log(b, fmt.Sprintf("simulated container %s, image %s", b.Name, b.Image))
	if !b.isInit || b.Name == p.wish.on {
		for _, line := range p.wish.log {
			p.log(b, line)
		}
	}
	p.tell(b, corev1.EventTypeNormal, "Created", "Created container: "+b.Name)
	p.tell(b, corev1.EventTypeNormal, "Started", "Started container "+b.Name)
}

// backOff waits before the next attempt. As with a kubelet, the first restart comes at once.
func (p *play) backOff(ctx context.Context, b *box, attempt int) bool {
	if attempt == 0 {
		return ctx.Err() == nil
	}
	pause := p.pause(attempt - 1)
	container := fmt.Sprintf("failed container=%s pod=%s_%s(%s)", b.Name, p.pod.Name, p.pod.Namespace, p.pod.UID)
	p.tell(b, corev1.EventTypeWarning, "BackOff", fmt.Sprintf("Back-off restarting failed container %s in pod %s_%s(%s)",
		b.Name, p.pod.Name, p.pod.Namespace, p.pod.UID))
	p.edit(func() { b.wait("CrashLoopBackOff", fmt.Sprintf("back-off %s restarting %s", pause, container)) })
	p.logs.retire(p.pod, b.Name)
	return p.sleep(ctx, pause)
}

func (p *play) pause(n int) time.Duration { return p.profile.BackOff.Duration << min(n, 4) }

func (p *play) crashAfter() time.Duration {
	if p.wish.delay != nil {
		return *p.wish.delay
	}
	return p.profile.Crash.Duration
}

func (p *play) tell(b *box, kind, reason, message string) {
	p.events.about(p.pod, b.fieldPath(), kind, reason, message)
}

func (p *play) log(b *box, line string) { p.logs.write(p.pod, b.Name, line) }
