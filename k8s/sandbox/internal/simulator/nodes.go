package simulator

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/component-helpers/apimachinery/lease"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
)

// A kubelet's own numbers: without a lease a node counts as lost after 50 s.
const (
	leaseSeconds = 40
	leaseRenewal = 10 * time.Second
)

// nodes keeps every node ready, as its kubelet would: the lease is renewed by the controller that a kubelet has for it.
type nodes struct {
	ctx    context.Context
	client kubernetes.Interface

	mutex sync.Mutex
	kept  map[types.UID]context.CancelFunc
}

func newNodes(ctx context.Context, client kubernetes.Interface, informer cache.SharedIndexInformer) error {
	n := &nodes{ctx: ctx, client: client, kept: map[types.UID]context.CancelFunc{}}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: n.changed, UpdateFunc: func(_, node any) { n.changed(node) }, DeleteFunc: n.removed,
	})
	return err
}

func (n *nodes) changed(object any) {
	node, isNode := object.(*corev1.Node)
	if !isNode {
		return
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if _, isKept := n.kept[node.UID]; !isKept {
		ctx, cancel := context.WithCancel(n.ctx)
		n.kept[node.UID] = cancel
		go n.leaseOf(node).Run(ctx)
	}
	// New, or called lost while the API server was away.
	if !saysReady(node) {
		go n.ready(node)
	}
}

func (n *nodes) removed(object any) {
	if gone, unseen := object.(cache.DeletedFinalStateUnknown); unseen {
		object = gone.Obj
	}
	node, isNode := object.(*corev1.Node)
	if !isNode {
		return
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if cancel, isKept := n.kept[node.UID]; isKept {
		cancel()
		delete(n.kept, node.UID)
	}
}

func (n *nodes) leaseOf(node *corev1.Node) lease.Controller {
	owner := metav1.OwnerReference{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}
	return lease.NewController(clock.RealClock{}, n.client, node.Name, leaseSeconds, nil, leaseRenewal,
		node.Name, corev1.NamespaceNodeLease, func(lease *coordinationv1.Lease) error {
			lease.OwnerReferences = []metav1.OwnerReference{owner}
			return nil
		})
}

func (n *nodes) ready(node *corev1.Node) {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": node.UID}, "status": map[string]any{"conditions": healthy(metav1.Now())},
	})
	if err == nil {
		err = untilAnswered(n.ctx, func() error {
			_, err := n.client.CoreV1().Nodes().Patch(
				n.ctx, node.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
			return err
		})
	}
	if err != nil && n.ctx.Err() == nil && !isGone(err) {
		klog.ErrorS(err, "Node was not made ready", "node", node.Name)
	}
}

// healthy is what a kubelet says of a node that lacks nothing; the network's condition is the network plugin's.
func healthy(now metav1.Time) []corev1.NodeCondition {
	condition := func(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{
			Type: kind, Status: status, Reason: reason, Message: message, LastHeartbeatTime: now, LastTransitionTime: now,
		}
	}
	return []corev1.NodeCondition{
		condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
		condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
		condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
		condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
		condition(corev1.NodeNetworkUnavailable, corev1.ConditionFalse, "RouteCreated", "RouteController created a route"),
	}
}

func saysReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
