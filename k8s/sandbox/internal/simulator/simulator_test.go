package simulator

import (
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestAnInstantPodIsReadyWithOneWrite(t *testing.T) {
	s := newScene(t, "instant")
	status := s.untilReady(s.put(podOf("app")))
	if status.Phase != corev1.PodRunning || status.PodIP == "" || status.ContainerStatuses[0].ImageID == "" {
		t.Errorf("a running pod has an address and an image: %+v", status)
	}
	writes := 0
	for _, action := range s.client.Actions() {
		if action.GetVerb() == "patch" {
			writes++
		}
	}
	if writes != 1 {
		t.Errorf("its status was written %d times", writes)
	}
}

func TestADelayComesBeforeTheStartOrTheReadiness(t *testing.T) {
	s := newScene(t, "instant")
	bare := s.put(podOf("bare", annotated("delay", "300ms")))
	probes := s.put(podOf("probes", annotated("delay", "300ms"), probed))
	running := s.until(probes, "running", isPhase(corev1.PodRunning))
	if isReady(running) {
		t.Error("one with a probe is ready when it starts")
	}
	if status := s.get(bare).Status; status.Phase == corev1.PodRunning {
		t.Error("one without a probe runs before its delay is over: nothing would tell it from a ready one")
	}
	s.untilReady(bare)
	s.untilReady(probes)
}

func TestALatencyFileGivesComponentsTheirTimeAndTheirFailures(t *testing.T) {
	file := t.TempDir() + "/slow.yaml"
	writeFile(t, file, "components: { app: 1h }\nfailures: { db: { fail: oom, log: FATAL } }\n")
	s := newScene(t, file)
	app := s.put(podOf("app"))
	s.untilReady(s.put(podOf("other")))
	s.untilReady(s.put(podOf("own", annotated("delay", "0s"), func(pod *corev1.Pod) { pod.Labels[nameLabel] = "app" })))
	status := s.until(s.put(podOf("db")), "in its loop", waits("CrashLoopBackOff"))
	if last := status.ContainerStatuses[0].LastTerminationState.Terminated; last.Reason != "OOMKilled" || last.ExitCode != 137 {
		t.Errorf("it was not killed for its memory: %+v", last)
	}
	s.stays(app, "ready", isReady)
}

func TestACrashLoop(t *testing.T) {
	s := newScene(t, "instant")
	name := s.put(podOf("app", annotated("fail", "crash-loop"), annotated("exit-code", "3"), annotated("log", "fatal\nend")))
	status := s.until(name, "in its loop", waits("CrashLoopBackOff"))
	container := status.ContainerStatuses[0]
	if container.RestartCount < 1 || container.LastTerminationState.Terminated.ExitCode != 3 || status.Phase != corev1.PodRunning {
		t.Errorf("a crash loop looks otherwise: %+v", status)
	}
	if s.hears("BackOff").Type != corev1.EventTypeWarning {
		t.Error("the back-off is not a warning")
	}
	if lines := s.lines(name, true); !slices.Contains(lines, "fatal") || !slices.Contains(lines, "end") {
		t.Errorf("the previous log does not say why: %q", lines)
	}
}

func TestAFailureThatHeals(t *testing.T) {
	s := newScene(t, "instant")
	status := s.untilReady(s.put(podOf("app", annotated("fail", "crash-loop"), annotated("fail-attempts", "2"), probed)))
	if status.ContainerStatuses[0].RestartCount != 2 {
		t.Errorf("it healed after %d restarts", status.ContainerStatuses[0].RestartCount)
	}
}

func TestFailuresOfTheStart(t *testing.T) {
	for fail, reason := range map[string]string{
		"image-pull": "ImagePullBackOff", "image-denied": "ImagePullBackOff", "image-network": "ImagePullBackOff",
		"start": "RunContainerError", "config-error": "CreateContainerConfigError",
	} {
		t.Run(fail, func(t *testing.T) {
			s := newScene(t, "instant")
			s.until(s.put(podOf("app", annotated("fail", fail))), reason, waits(reason))
			s.hears("Failed")
		})
	}
	t.Run("a registry that cannot exist", func(t *testing.T) {
		s := newScene(t, "instant")
		invalid := func(pod *corev1.Pod) { pod.Spec.Containers[0].Image = "registry.invalid:5000/app:1" }
		status := s.until(s.put(podOf("app", invalid)), "without image", waits("ErrImagePull"))
		if message := status.ContainerStatuses[0].State.Waiting.Message; !strings.Contains(message, "not found") {
			t.Errorf("it does not say why: %s", message)
		}
	})
}

func TestProbesThatFail(t *testing.T) {
	s := newScene(t, "instant")
	never := s.put(podOf("never", annotated("fail", "never-ready")))
	s.until(never, "running", isPhase(corev1.PodRunning))
	s.stays(never, "ready", isReady)
	killed := s.put(podOf("killed", annotated("fail", "liveness")))
	s.until(killed, "killed", waits("CrashLoopBackOff"))
	flaps := s.put(podOf("flaps", annotated("fail", "flapping"), annotated("delay", "50ms")))
	s.untilReady(flaps)
	s.until(flaps, "unready again", func(status corev1.PodStatus) bool { return !isReady(status) })
	s.untilReady(flaps)
}

func TestTheEndOfJobs(t *testing.T) {
	s := newScene(t, "instant")
	done := s.until(s.put(podOf("done", ofJob("migrate"))), "done", isPhase(corev1.PodSucceeded))
	if isReady(done) || done.ContainerStatuses[0].State.Terminated.Reason != "Completed" {
		t.Errorf("a pod that has ended looks otherwise: %+v", done)
	}
	once := []change{annotated("fail", "job"), annotated("fail-attempts", "1"), annotated("exit-code", "7")}
	first := s.until(s.put(podOf("first", append(once, ofJob("seed"))...)), "failed", isPhase(corev1.PodFailed))
	if code := first.ContainerStatuses[0].State.Terminated.ExitCode; code != 7 {
		t.Errorf("it exits with %d", code)
	}
	s.until(s.put(podOf("second", append(once, ofJob("seed"))...)), "done, the Job's second attempt", isPhase(corev1.PodSucceeded))
	s.until(s.put(podOf("other", append(once, ofJob("other"))...)), "failed: another Job's attempts do not count", isPhase(corev1.PodFailed))
}

func TestInitContainersWaitForAServiceWithAReadyEndpoint(t *testing.T) {
	s := newScene(t, "instant", &corev1.Service{ObjectMeta: named("postgres")})
	name := s.put(podOf("app", withInit("wait-for-postgres")))
	s.stays(name, "past its init container", isPhase(corev1.PodRunning))
	ready := true
	slice := &discoveryv1.EndpointSlice{ObjectMeta: named("postgres-1"), AddressType: discoveryv1.AddressTypeIPv4}
	slice.Labels[discoveryv1.LabelServiceName] = "postgres"
	slice.Endpoints = []discoveryv1.Endpoint{{Addresses: []string{"10.0.0.1"}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}}}
	_, err := s.client.DiscoveryV1().EndpointSlices(namespace).Create(t.Context(), slice, metav1.CreateOptions{})
	check(t, err)
	s.untilReady(name)
}

func TestInitContainersWaitForAJob(t *testing.T) {
	job := &batchv1.Job{ObjectMeta: named("schema")}
	s := newScene(t, "instant", job)
	name := s.put(podOf("app", withInit("wait-for-schema"), withInit("then")))
	s.stays(name, "past its init containers", isPhase(corev1.PodRunning))
	job.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobComplete, Status: corev1.ConditionTrue}}
	_, err := s.client.BatchV1().Jobs(namespace).UpdateStatus(t.Context(), job, metav1.UpdateOptions{})
	check(t, err)
	status := s.untilReady(name)
	for _, init := range status.InitContainerStatuses {
		if init.State.Terminated == nil || init.State.Terminated.ExitCode != 0 {
			t.Errorf("init container %s has not done its work", init.Name)
		}
	}
}

func TestAnInitContainerPassesWhereNobodyMakesWhatItWaitsFor(t *testing.T) {
	s := newScene(t, "instant")
	begin := time.Now()
	s.untilReady(s.put(podOf("app", withInit("wait-for-nobody"))))
	if took := time.Since(begin); took < strangerAfter {
		t.Errorf("it passed after %s", took)
	}
}

func TestWhatIsMissingHoldsAPod(t *testing.T) {
	s := newScene(t, "instant")
	env := s.put(podOf("env", func(pod *corev1.Pod) {
		pod.Spec.Containers[0].EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "login"},
		}}}
	}))
	volume := s.put(podOf("volume", func(pod *corev1.Pod) {
		pod.Spec.Volumes = []corev1.Volume{{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}, Items: []corev1.KeyToPath{{Key: "a"}},
		}}}}
	}))
	s.until(env, "held", waits("CreateContainerConfigError"))
	if message := s.hears("FailedMount").Message; !strings.Contains(message, `configmap "settings" not found`) {
		t.Errorf("it does not say what is missing: %s", message)
	}
	_, err := s.client.CoreV1().Secrets(namespace).Create(t.Context(), &corev1.Secret{ObjectMeta: named("login")}, metav1.CreateOptions{})
	check(t, err)
	s.untilReady(env)
	settings := &corev1.ConfigMap{ObjectMeta: named("settings"), Data: map[string]string{"b": "1"}}
	_, err = s.client.CoreV1().ConfigMaps(namespace).Create(t.Context(), settings, metav1.CreateOptions{})
	check(t, err)
	s.stays(volume, "running without its key", isPhase(corev1.PodRunning))
	settings.Data["a"] = "1"
	_, err = s.client.CoreV1().ConfigMaps(namespace).Update(t.Context(), settings, metav1.UpdateOptions{})
	check(t, err)
	s.untilReady(volume)
}

func TestADeletedPodOfAJobIsCountedAsFailed(t *testing.T) {
	s := newScene(t, "instant")
	pod := podOf("app", ofJob("long"), annotated("delay", "1h"), func(pod *corev1.Pod) {
		pod.Finalizers = []string{batchv1.JobTrackingFinalizer}
	})
	name := s.put(pod)
	s.until(name, "running", isPhase(corev1.PodRunning))
	going := s.get(name)
	now := metav1.Now()
	going.DeletionTimestamp = &now
	_, err := s.client.CoreV1().Pods(namespace).Update(t.Context(), going, metav1.UpdateOptions{})
	check(t, err)
	s.until(name, "failed", isPhase(corev1.PodFailed))
}

func TestAnnotationsThatMeanNothingAreSaid(t *testing.T) {
	for key, value := range map[string]string{
		"delay": "soon", "fail": "sometimes", "fail-attempts": "none", "exit-code": "0",
	} {
		t.Run(key, func(t *testing.T) {
			s := newScene(t, "instant")
			s.untilReady(s.put(podOf("app", annotated(key, value))))
			if message := s.hears("SandboxAnnotation").Message; !strings.Contains(message, prefix+key) {
				t.Errorf("it does not say which: %s", message)
			}
		})
	}
}
