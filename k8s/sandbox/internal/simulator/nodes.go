package simulator

import (
	"context"
	"encoding/json"
	"fmt"
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

// nodes keeps every node ready, whoever made it, as its kubelet would: the lease is renewed by the controller that a kubelet
// has for it.
type nodes struct {
	ctx     context.Context
	client  kubernetes.Interface
	kubelet kubelet

	mutex sync.Mutex
	kept  map[types.UID]kept
	// Nodes seen so far.
	seen uint16
}

type kept struct {
	forget context.CancelFunc
	// Of a node that has no address of its own.
	address string
}

func newNodes(
	ctx context.Context, client kubernetes.Interface, kubelet kubelet, informer cache.SharedIndexInformer,
) (*nodes, error) {
	n := &nodes{ctx: ctx, client: client, kubelet: kubelet, kept: map[types.UID]kept{}}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: n.changed, UpdateFunc: func(_, node any) { n.changed(node) }, DeleteFunc: n.removed,
	})
	return n, err
}

func (n *nodes) changed(object any) {
	node, isNode := object.(*corev1.Node)
	if !isNode {
		return
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	keep, isKept := n.kept[node.UID]
	if !isKept {
		ctx, cancel := context.WithCancel(n.ctx)
		n.seen++
		keep = kept{forget: cancel, address: fmt.Sprintf("10.240.%d.%d", n.seen>>8, n.seen&0xff)}
		n.kept[node.UID] = keep
		go n.leaseOf(node).Run(ctx)
	}
	if patch := n.kubelet.patch(node, keep.address); patch != nil {
		go n.write(node, patch)
	}
}

// addressOf is the node's own; the scheduler may be faster than its first status.
func (n *nodes) addressOf(node *corev1.Node) string {
	for _, address := range node.Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			return address.Address
		}
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.kept[node.UID].address
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
	if keep, isKept := n.kept[node.UID]; isKept {
		keep.forget()
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

func (n *nodes) write(node *corev1.Node, patch map[string]any) {
	content, err := json.Marshal(patch)
	if err == nil {
		err = untilAnswered(n.ctx, func() error {
			_, err := n.client.CoreV1().Nodes().Patch(
				n.ctx, node.Name, types.StrategicMergePatchType, content, metav1.PatchOptions{}, "status")
			return err
		})
	}
	if err != nil && n.ctx.Err() == nil && !isGone(err) {
		klog.ErrorS(err, "Status of a node was not written", "node", node.Name)
	}
}
