package simulator

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
)

func TestANodeIsReadyAndHasALeaseOfItsOwn(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	client := fake.NewClientset(nodeNamed("node-1"))
	factory := informers.NewSharedInformerFactory(client, 0)
	check(t, newNodes(ctx, client, factory.Core().V1().Nodes().Informer()))
	factory.Start(ctx.Done())

	readyAgain := func() bool {
		node, err := client.CoreV1().Nodes().Get(ctx, "node-1", metav1.GetOptions{})
		check(t, err)
		return saysReady(node)
	}
	eventually(t, "ready", readyAgain)
	eventually(t, "leased", func() bool {
		lease, err := client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Get(ctx, "node-1", metav1.GetOptions{})
		return err == nil && *lease.Spec.HolderIdentity == "node-1" && *lease.Spec.LeaseDurationSeconds == leaseSeconds &&
			lease.OwnerReferences[0].UID == types.UID("uid-node-1")
	})

	// As the node controller calls it when no lease was renewed.
	lost := nodeNamed("node-1")
	lost.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown}}
	_, err := client.CoreV1().Nodes().UpdateStatus(ctx, lost, metav1.UpdateOptions{})
	check(t, err)
	eventually(t, "ready again", readyAgain)
}

func TestADeletedPodIsTakenAwayAfterItsTime(t *testing.T) {
	file := t.TempDir() + "/slow.yaml"
	writeFile(t, file, "terminate: 300ms\n")
	s := newScene(t, file, nodeNamed("node-1"))
	begin := time.Now()
	name := s.put(podOf("app", deleted))
	eventually(t, "away", func() bool {
		_, err := s.client.CoreV1().Pods(namespace).Get(t.Context(), name, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	if took := time.Since(begin); took < 300*time.Millisecond {
		t.Errorf("it was away after %s", took)
	}
}

func TestAPodOfANodeThatIsGoneStays(t *testing.T) {
	s := newScene(t, "instant")
	s.stays(s.put(podOf("app", deleted)), "away", func(corev1.PodStatus) bool { return false })
}

func nodeNamed(name string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("uid-" + name)}}
}

func deleted(pod *corev1.Pod) {
	now := metav1.Now()
	pod.DeletionTimestamp = &now
	pod.Finalizers = nil
}

func eventually(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if isSo() {
			return
		}
	}
	t.Fatalf("never %s", what)
}
