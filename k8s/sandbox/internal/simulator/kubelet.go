package simulator

import (
	"fmt"
	"maps"
	"net"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// AddressType is that of the address at which the simulator serves what a kubelet serves, and the only one that the API server
// asks: a Node that was copied from a cluster has the addresses of its kubelet there.
const AddressType corev1.NodeAddressType = "SandboxKubelet"

const servedAt = "127.0.0.1"

// kubelet is what the simulator says of a node that does not say it itself.
type kubelet struct {
	port    int
	version string
	size    corev1.ResourceList
}

func newKubelet(client kubernetes.Interface, listener net.Listener, f flags) (kubelet, error) {
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return kubelet{}, err
	}
	size := corev1.ResourceList{
		corev1.ResourcePods: resource.MustParse("110"), corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
	}
	for kind, text := range map[corev1.ResourceName]string{corev1.ResourceCPU: f.cpu, corev1.ResourceMemory: f.memory} {
		if size[kind], err = resource.ParseQuantity(text); err != nil {
			return kubelet{}, fmt.Errorf("%s: %w", kind, err)
		}
	}
	address, isTCP := listener.Addr().(*net.TCPAddr)
	if !isTCP {
		return kubelet{}, fmt.Errorf("%s is not a TCP port", listener.Addr())
	}
	return kubelet{port: address.Port, version: version.GitVersion, size: size}, nil
}

// patch gives what a node lacks, as a strategic merge patch of its status; nothing when it lacks nothing. What it has stays as
// it is, but for where its kubelet is.
func (k kubelet) patch(node *corev1.Node, internalIP string) map[string]any {
	status := map[string]any{}
	if isToBeReady(node) {
		status["conditions"] = healthy(metav1.Now())
	}
	if addresses := addressesOf(node, internalIP); !slices.Equal(addresses, node.Status.Addresses) {
		// A merge would keep what is no longer listed.
		all := []any{map[string]string{"$patch": "replace"}}
		for _, address := range addresses {
			all = append(all, address)
		}
		status["addresses"] = all
	}
	if port := int32(k.port); node.Status.DaemonEndpoints.KubeletEndpoint.Port != port {
		status["daemonEndpoints"] = corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: port}}
	}
	if node.Status.NodeInfo.KubeletVersion == "" {
		status["nodeInfo"] = k.info(node.Status.NodeInfo)
	}
	capacity, allocatable := k.room(node.Status)
	if len(capacity) > 0 {
		status["capacity"] = capacity
	}
	if len(allocatable) > 0 {
		status["allocatable"] = allocatable
	}
	labels := labelsOf(node)
	if len(status) == 0 && len(labels) == 0 {
		return nil
	}
	return map[string]any{"metadata": map[string]any{"uid": node.UID, "labels": labels}, "status": status}
}

// room gives the resources that a node does not mention.
func (k kubelet) room(status corev1.NodeStatus) (capacity, allocatable corev1.ResourceList) {
	capacity, allocatable = corev1.ResourceList{}, corev1.ResourceList{}
	for kind, size := range k.size {
		has, hasCapacity := status.Capacity[kind]
		gives, hasAllocatable := status.Allocatable[kind]
		switch {
		case hasCapacity && !hasAllocatable:
			allocatable[kind] = has
		case !hasCapacity && hasAllocatable:
			capacity[kind] = gives
		case !hasCapacity:
			capacity[kind], allocatable[kind] = size, size
		}
	}
	return capacity, allocatable
}

func (k kubelet) info(info corev1.NodeSystemInfo) corev1.NodeSystemInfo {
	for field, text := range map[*string]string{
		&info.Architecture: "amd64", &info.OperatingSystem: "linux", &info.OSImage: "forge sandbox (simulated)",
		&info.KubeletVersion: k.version, &info.ContainerRuntimeVersion: "sandbox://1",
	} {
		if *field == "" {
			*field = text
		}
	}
	return info
}

func addressesOf(node *corev1.Node, internalIP string) []corev1.NodeAddress {
	var addresses []corev1.NodeAddress
	for _, address := range node.Status.Addresses {
		if address.Type != AddressType {
			addresses = append(addresses, address)
		}
	}
	has := func(kind corev1.NodeAddressType) bool {
		return slices.ContainsFunc(addresses, func(one corev1.NodeAddress) bool { return one.Type == kind })
	}
	if !has(corev1.NodeHostName) {
		addresses = append(addresses, corev1.NodeAddress{Type: corev1.NodeHostName, Address: node.Name})
	}
	if !has(corev1.NodeInternalIP) {
		addresses = append(addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: internalIP})
	}
	return append(addresses, corev1.NodeAddress{Type: AddressType, Address: servedAt})
}

// labelsOf gives those that a kubelet sets and that the node lacks.
func labelsOf(node *corev1.Node) map[string]string {
	architecture := node.Status.NodeInfo.Architecture
	if architecture == "" {
		architecture = "amd64"
	}
	labels := map[string]string{
		corev1.LabelHostname: node.Name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: architecture,
	}
	maps.DeleteFunc(labels, func(key, _ string) bool {
		_, has := node.Labels[key]
		return has
	})
	return labels
}

// isToBeReady is true of a node whose kubelet has not spoken yet, or was called lost while the API server was away. One that
// says itself that it is not ready was made so, and stays so.
func isToBeReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionUnknown
		}
	}
	return true
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
