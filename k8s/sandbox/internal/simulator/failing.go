package simulator

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	probeFails = "Readiness probe failed: HTTP probe failed with statuscode: 503"
	// How long a flapping container stays ready, and then unready, where no delay says otherwise.
	flapPeriod = time.Second
)

// pullError is containerd's answer to the n-th attempt to pull an image, or "".
func (p *play) pullError(b *box, n int) string {
	wrap := func(reason string) string {
		return fmt.Sprintf("failed to pull and unpack image %q: failed to resolve reference %q: %s", b.Image, b.Image, reason)
	}
	host := registryOf(b.Image)
	switch {
	case p.wish.fails(failImageDenied, b.Name, n):
		return wrap(fmt.Sprintf("failed to authorize: failed to fetch anonymous token: unexpected status from GET request to "+
			"https://%s/token?service=%s: 401 Unauthorized", host, host))
	case p.wish.fails(failImageNetwork, b.Name, n):
		return wrap(fmt.Sprintf("failed to do request: Head \"https://%s/v2/\": dial tcp 203.0.113.7:443: i/o timeout", host))
	case cannotBePulled(b.Image) || p.wish.fails(failImagePull, b.Name, n):
		return wrap(b.Image + ": not found")
	default:
		return ""
	}
}

// fail runs and then fails. Without a probe a container is ready while it runs, however short that is.
func (p *play) fail(ctx context.Context, b *box, after time.Duration, code int32, reason string) (int32, string, bool) {
	p.start(b, !b.isProbed())
	// Its start is always seen, even where it takes no time.
	p.flush(ctx)
	done := p.sleep(ctx, after)
	p.log(b, fmt.Sprintf("simulated failure (%s): exit status %d", p.wish.failure, code))
	return code, reason, done
}

// failToStart is what a runtime says of a program that the image does not have.
func (p *play) failToStart(ctx context.Context, b *box) (int32, string, bool) {
	const code, reason = 128, "StartError"
	program := "/simulated"
	if len(b.Command) > 0 {
		program = b.Command[0]
	}
	message := fmt.Sprintf("failed to create containerd task: failed to create shim task: OCI runtime create failed: "+
		"runc create failed: unable to start container process: error during container init: exec: %q: "+
		"stat %s: no such file or directory", program, program)
	p.tell(b, corev1.EventTypeNormal, "Created", "Created container: "+b.Name)
	p.tell(b, corev1.EventTypeWarning, "Failed", "Error: "+message)
	p.edit(func() {
		b.run(string(p.pod.UID), false)
		b.end(code, reason)
		b.status.State.Terminated.Message = message
		b.wait("RunContainerError", message)
	})
	done := p.sleep(ctx, p.profile.Crash.Duration)
	return code, reason, done
}

// failLiveness runs for a while, fails its liveness probe and is killed for it.
func (p *play) failLiveness(ctx context.Context, b *box) (int32, string, bool) {
	p.start(b, !b.isProbed())
	p.flush(ctx)
	if !p.sleep(ctx, p.crashAfter()) {
		return 0, "", false
	}
	p.tell(b, corev1.EventTypeWarning, "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503")
	p.tell(b, corev1.EventTypeNormal, "Killing", fmt.Sprintf("Container %s failed liveness probe, will be restarted", b.Name))
	p.log(b, "simulated failure (liveness): the liveness probe gets 503")
	return 137, "Error", true
}

// flap lets the readiness come and go, as often as it is told to. It returns false when the pod was deleted.
func (p *play) flap(ctx context.Context, b *box) bool {
	period := flapPeriod
	if p.wish.delay != nil {
		period = *p.wish.delay
	}
	for n := 0; p.wish.fails(failFlapping, b.Name, n); n++ {
		if !p.sleep(ctx, period) {
			return false
		}
		p.tell(b, corev1.EventTypeWarning, "Unhealthy", probeFails)
		p.log(b, "simulated failure (flapping): the readiness probe gets 503")
		p.edit(func() { b.setReady(false) })
		if !p.sleep(ctx, period) {
			return false
		}
		p.edit(func() { b.setReady(true) })
	}
	return true
}
