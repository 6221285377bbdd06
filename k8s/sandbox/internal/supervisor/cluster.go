package supervisor

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"forge.dev/sandbox/internal/claims"
)

// Before the API server serves there is nothing to watch; it is asked this often.
const knock = 20 * time.Millisecond

// waitForSocket returns once somebody listens on a unix socket.
func waitForSocket(ctx context.Context, path string) error {
	return try(ctx, func() bool {
		connection, err := net.Dial("unix", path)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
}

// waitForAPI returns once the API server takes requests. Its own readiness takes another second, for the roles that RBAC
// starts with; masters need not wait for those.
func waitForAPI(ctx context.Context, config *rest.Config, path string) error {
	transport, err := rest.TLSConfigFor(config)
	if err != nil {
		return err
	}
	client := &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: transport.Clone(), TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}},
	}
	defer client.CloseIdleConnections()
	return try(ctx, func() bool {
		response, err := client.Get(config.Host + path)
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

func try(ctx context.Context, succeeds func() bool) error {
	ticker := time.NewTicker(knock)
	defer ticker.Stop()
	for !succeeds() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
	return nil
}

// furnish creates what a cluster has that somebody set up: nodes and a default storage class.
func furnish(ctx context.Context, client kubernetes.Interface, options Options) error {
	_, err := client.StorageV1().StorageClasses().Create(ctx, claims.DefaultClass(), metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("storage class: %w", err)
	}
	for i := range options.Nodes {
		node := newNode(i)
		if _, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("node %s: %w", node.Name, err)
		}
	}
	return nil
}

// newNode is what a cloud says of a node; the rest is its kubelet's to say, which the simulator is.
func newNode(i int) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("node-%d", i+1), Labels: map[string]string{
		corev1.LabelTopologyRegion: "sandbox", corev1.LabelTopologyZone: fmt.Sprintf("sandbox-%c", 'a'+rune(i%3)),
	}}}
}

// waitForCluster returns once every node takes pods and the default namespace has its service account.
func waitForCluster(ctx context.Context, client kubernetes.Interface, options Options) error {
	if err := waitForNodes(ctx, client, options.Nodes); err != nil {
		return causeOf(ctx, err)
	}
	account := fields.OneTermEqualSelector("metadata.name", "default").String()
	accounts := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, list metav1.ListOptions) (runtime.Object, error) {
			list.FieldSelector = account
			return client.CoreV1().ServiceAccounts("default").List(ctx, list)
		},
		WatchFuncWithContext: func(ctx context.Context, list metav1.ListOptions) (watch.Interface, error) {
			list.FieldSelector = account
			return client.CoreV1().ServiceAccounts("default").Watch(ctx, list)
		},
	}
	_, err := watchtools.UntilWithSync(ctx, accounts, &corev1.ServiceAccount{}, nil, func(watch.Event) (bool, error) {
		return true, nil
	})
	return causeOf(ctx, err)
}

func waitForNodes(ctx context.Context, client kubernetes.Interface, count int) error {
	if count == 0 {
		return nil
	}
	nodes := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, list metav1.ListOptions) (runtime.Object, error) {
			return client.CoreV1().Nodes().List(ctx, list)
		},
		WatchFuncWithContext: func(ctx context.Context, list metav1.ListOptions) (watch.Interface, error) {
			return client.CoreV1().Nodes().Watch(ctx, list)
		},
	}
	usable := map[string]bool{}
	_, err := watchtools.UntilWithSync(ctx, nodes, &corev1.Node{}, nil, func(event watch.Event) (bool, error) {
		if node, isNode := event.Object.(*corev1.Node); isNode && takesPods(node) {
			usable[node.Name] = true
		}
		return len(usable) == count, nil
	})
	return err
}

func takesPods(node *corev1.Node) bool {
	if len(node.Spec.Taints) > 0 {
		return false
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// causeOf prefers why the context ended to what that made fail.
func causeOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
