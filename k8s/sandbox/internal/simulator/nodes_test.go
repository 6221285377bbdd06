package simulator

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
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
	_, err := newNodes(ctx, client, plain, factory.Core().V1().Nodes().Informer())
	check(t, err)
	factory.Start(ctx.Done())

	readyAgain := func() bool {
		node, err := client.CoreV1().Nodes().Get(ctx, "node-1", metav1.GetOptions{})
		check(t, err)
		return !isToBeReady(node)
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
	_, err = client.CoreV1().Nodes().UpdateStatus(ctx, lost, metav1.UpdateOptions{})
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

// plain is a kubelet of small nodes.
var plain = kubelet{port: 10250, version: "v1.36.0", size: corev1.ResourceList{
	corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourcePods: resource.MustParse("110"),
}}

// seen gives a node as it is once the simulator has seen it.
func seen(t *testing.T, node *corev1.Node) *corev1.Node {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	client := fake.NewClientset(node)
	factory := informers.NewSharedInformerFactory(client, 0)
	nodes, err := newNodes(ctx, client, plain, factory.Core().V1().Nodes().Informer())
	check(t, err)
	factory.Start(ctx.Done())
	var found *corev1.Node
	eventually(t, "complete", func() bool {
		found, err = client.CoreV1().Nodes().Get(ctx, node.Name, metav1.GetOptions{})
		check(t, err)
		return plain.patch(found, "") == nil
	})
	if nodes.addressOf(found) == "" {
		t.Errorf("its pods have no address of a host: %v", found.Status.Addresses)
	}
	return found
}

func addressOfType(node *corev1.Node, kind corev1.NodeAddressType) string {
	var found []string
	for _, address := range node.Status.Addresses {
		if address.Type == kind {
			found = append(found, address.Address)
		}
	}
	return strings.Join(found, " ")
}

func TestANodeThatIsOnlyANameGetsWhatAKubeletSaysOfIt(t *testing.T) {
	node := seen(t, nodeNamed("bare"))
	if node.Labels[corev1.LabelHostname] != "bare" || node.Labels[corev1.LabelOSStable] != "linux" || node.Labels[corev1.LabelArchStable] != "amd64" {
		t.Errorf("labels %v", node.Labels)
	}
	if node.Status.Capacity.Cpu().String() != "2" || node.Status.Allocatable.Pods().String() != "110" {
		t.Errorf("room %v of %v", node.Status.Allocatable, node.Status.Capacity)
	}
	if addressOfType(node, corev1.NodeInternalIP) != "10.240.0.1" || addressOfType(node, corev1.NodeHostName) != "bare" {
		t.Errorf("addresses %v", node.Status.Addresses)
	}
	if info := node.Status.NodeInfo; info.KubeletVersion != "v1.36.0" || info.Architecture != "amd64" {
		t.Errorf("info %+v", info)
	}
}

func TestANodeOfAnotherClusterStaysAsItIsButForItsKubelet(t *testing.T) {
	given := nodeNamed("copied")
	given.Labels = map[string]string{corev1.LabelArchStable: "arm64", corev1.LabelHostname: "elsewhere", "pool": "spot"}
	given.Spec = corev1.NodeSpec{Unschedulable: true, Taints: []corev1.Taint{{Key: "spot", Effect: corev1.TaintEffectNoSchedule}}}
	room := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("3920m"), corev1.ResourcePods: resource.MustParse("29")}
	given.Status = corev1.NodeStatus{
		Allocatable: room, NodeInfo: corev1.NodeSystemInfo{Architecture: "arm64", KubeletVersion: "v1.36.7-eks-1"},
		DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: 10251}},
		Addresses: []corev1.NodeAddress{
			{Type: corev1.NodeExternalIP, Address: "198.51.100.7"}, {Type: corev1.NodeInternalIP, Address: "10.1.2.3"},
			{Type: AddressType, Address: "192.0.2.7"},
		},
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "given"}},
	}
	node := seen(t, given)
	if addressOfType(node, AddressType) != servedAt || node.Status.DaemonEndpoints.KubeletEndpoint.Port != 10250 {
		t.Errorf("its kubelet is at %v, %v", node.Status.Addresses, node.Status.DaemonEndpoints)
	}
	if addressOfType(node, corev1.NodeInternalIP) != "10.1.2.3" || addressOfType(node, corev1.NodeExternalIP) != "198.51.100.7" || node.Labels[corev1.LabelHostname] != "elsewhere" ||
		node.Labels[corev1.LabelArchStable] != "arm64" || node.Status.NodeInfo != given.Status.NodeInfo {
		t.Errorf("%v, %v, %v", node.Status.Addresses, node.Labels, node.Status.NodeInfo)
	}
	if node.Status.Allocatable.Cpu().String() != "3920m" || node.Status.Capacity.Pods().String() != "29" {
		t.Errorf("room %v of %v", node.Status.Allocatable, node.Status.Capacity)
	}
	if !node.Spec.Unschedulable || len(node.Spec.Taints) != 1 || node.Status.Conditions[0].Reason != "given" {
		t.Errorf("%+v, %v", node.Spec, node.Status.Conditions)
	}
}

func TestANodeThatWasMadeNotReadyStaysSo(t *testing.T) {
	given := nodeNamed("down")
	given.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionFalse}}
	if node := seen(t, given); node.Status.Conditions[0].Status != corev1.ConditionFalse {
		t.Errorf("%v", node.Status.Conditions)
	}
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
