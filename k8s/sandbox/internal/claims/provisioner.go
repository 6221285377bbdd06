// Package claims binds PersistentVolumeClaims of the sandbox's storage class, as a dynamic provisioner would.
package claims

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"

	"forge.dev/sandbox/internal/steer"
)

const (
	// Provisioner is the name in StorageClasses and volumes.
	Provisioner = "sandbox.forge.api-forge.io/claims"
	// ClassName is the default StorageClass of a sandbox.
	ClassName = "standard"

	provisionedBy = "pv.kubernetes.io/provisioned-by"
	selectedNode  = "volume.kubernetes.io/selected-node"
	claimIndex    = "claim"

	// The value of a claim's annotation: the provisioner finds no room for it, again and again.
	failProvisioning = "provisioning"
)

// DefaultClass is the StorageClass that every sandbox has.
func DefaultClass() *storagev1.StorageClass {
	reclaim, binding, expand := corev1.PersistentVolumeReclaimDelete, storagev1.VolumeBindingWaitForFirstConsumer, true
	return &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        ClassName,
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		Provisioner: Provisioner, ReclaimPolicy: &reclaim, VolumeBindingMode: &binding, AllowVolumeExpansion: &expand,
	}
}

type controller struct {
	client  kubernetes.Interface
	claims  corelisters.PersistentVolumeClaimLister
	volumes corelisters.PersistentVolumeLister
	classes storagelisters.StorageClassLister
	pods    cache.Indexer
	events  record.EventRecorder
	queue   workqueue.TypedRateLimitingInterface[key]
}

// key is a claim, or a volume where the namespace is empty.
type key = cache.ObjectName

// run provisions, grows and removes volumes until the context ends.
func (c *controller) run(ctx context.Context) {
	context.AfterFunc(ctx, c.queue.ShutDown)
	for {
		next, shutdown := c.queue.Get()
		if shutdown {
			return
		}
		if err := c.sync(ctx, next); err != nil {
			klog.ErrorS(err, "Claim is tried again", "claim", next)
			c.queue.AddRateLimited(next)
		} else {
			c.queue.Forget(next)
		}
		c.queue.Done(next)
	}
}

// Setup registers informers with the factory and returns what is to be run once they are synced.
func Setup(
	ctx context.Context, client kubernetes.Interface, factory informers.SharedInformerFactory,
) (func(context.Context), error) {
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	core := factory.Core().V1()
	pods := core.Pods().Informer()
	c := &controller{
		client:  client,
		claims:  core.PersistentVolumeClaims().Lister(),
		volumes: core.PersistentVolumes().Lister(),
		classes: factory.Storage().V1().StorageClasses().Lister(),
		pods:    pods.GetIndexer(),
		events:  broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: Provisioner}),
		queue:   workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[key]()),
	}
	if err := pods.AddIndexers(cache.Indexers{claimIndex: podsByClaim}); err != nil {
		return nil, err
	}
	for informer, enqueue := range map[cache.SharedIndexInformer]func(any){
		pods:                                     c.enqueueClaimsOf,
		core.PersistentVolumeClaims().Informer(): c.enqueue,
		core.PersistentVolumes().Informer():      c.enqueue,
	} {
		if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    enqueue,
			UpdateFunc: func(_, changed any) { enqueue(changed) },
		}); err != nil {
			return nil, err
		}
	}
	return c.run, nil
}

func (c *controller) enqueue(object any) {
	if name, err := cache.ObjectToName(object); err == nil {
		c.queue.Add(name)
	}
}

func (c *controller) enqueueClaimsOf(object any) {
	pod, isPod := object.(*corev1.Pod)
	// A scheduled pod's claims are bound already: status changes are the bulk of what a pod informer tells.
	if !isPod || pod.Spec.NodeName != "" {
		return
	}
	for _, name := range namesOf(pod) {
		c.queue.Add(key{Namespace: pod.Namespace, Name: name})
	}
}

func (c *controller) sync(ctx context.Context, next key) error {
	if next.Namespace == "" {
		return c.reclaim(ctx, next.Name)
	}
	claim, err := c.claims.PersistentVolumeClaims(next.Namespace).Get(next.Name)
	if err != nil || claim.DeletionTimestamp != nil || claim.Spec.StorageClassName == nil {
		return nil
	}
	class, err := c.classes.Get(*claim.Spec.StorageClassName)
	if err != nil || class.Provisioner != Provisioner {
		return nil
	}
	if claim.Spec.VolumeName != "" {
		return c.grow(ctx, claim)
	}
	if !c.isWanted(claim, class) {
		return nil
	}
	if claim.Annotations[steer.Fail] == failProvisioning {
		c.events.Eventf(claim, corev1.EventTypeWarning, "ProvisioningFailed",
			"failed to provision volume with StorageClass %q: rpc error: code = ResourceExhausted desc = no space is left",
			class.Name)
		return errors.New("simulated failure: " + failProvisioning)
	}
	return c.provision(ctx, claim, class)
}

// isWanted is WaitForFirstConsumer: a pod uses the claim, or the scheduler has chosen a node for one that will.
func (c *controller) isWanted(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) bool {
	if class.VolumeBindingMode == nil || *class.VolumeBindingMode == storagev1.VolumeBindingImmediate {
		return true
	}
	if claim.Annotations[selectedNode] != "" {
		return true
	}
	consumers, err := c.pods.IndexKeys(claimIndex, claim.Namespace+"/"+claim.Name)
	return err == nil && len(consumers) > 0
}

func (c *controller) provision(ctx context.Context, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) error {
	volume := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name:        "pvc-" + string(claim.UID),
			Annotations: map[string]string{provisionedBy: Provisioner},
		},
		Spec: corev1.PersistentVolumeSpec{
			AccessModes:      claim.Spec.AccessModes,
			Capacity:         corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			StorageClassName: class.Name,
			VolumeMode:       claim.Spec.VolumeMode,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID, ResourceVersion: claim.ResourceVersion,
			},
			// The volume controller does the binding; nothing is ever written at this path.
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: "/sandbox/" + claim.Namespace + "/" + claim.Name},
			},
		},
	}
	if class.ReclaimPolicy != nil {
		volume.Spec.PersistentVolumeReclaimPolicy = *class.ReclaimPolicy
	}
	_, err := c.client.CoreV1().PersistentVolumes().Create(ctx, volume, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// grow does what an external resizer does: first the volume, then the claim's status.
func (c *controller) grow(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	wanted := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	has, isBound := claim.Status.Capacity[corev1.ResourceStorage]
	if !isBound || wanted.Cmp(has) <= 0 {
		return nil
	}
	volume, err := c.volumes.Get(claim.Spec.VolumeName)
	if err != nil {
		return err
	}
	volume = volume.DeepCopy()
	volume.Spec.Capacity[corev1.ResourceStorage] = wanted
	if _, err := c.client.CoreV1().PersistentVolumes().Update(ctx, volume, metav1.UpdateOptions{}); err != nil {
		return err
	}
	claim = claim.DeepCopy()
	claim.Status.Capacity[corev1.ResourceStorage] = wanted
	claim.Status.Conditions = nil
	_, err = c.client.CoreV1().PersistentVolumeClaims(claim.Namespace).UpdateStatus(ctx, claim, metav1.UpdateOptions{})
	return err
}

func (c *controller) reclaim(ctx context.Context, name string) error {
	volume, err := c.volumes.Get(name)
	if err != nil || volume.DeletionTimestamp != nil || volume.Annotations[provisionedBy] != Provisioner {
		return nil
	}
	released := volume.Status.Phase == corev1.VolumeReleased
	if !released || volume.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete {
		return nil
	}
	err = c.client.CoreV1().PersistentVolumes().Delete(ctx, name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func podsByClaim(object any) ([]string, error) {
	pod, isPod := object.(*corev1.Pod)
	if !isPod {
		return nil, nil
	}
	var found []string
	for _, name := range namesOf(pod) {
		found = append(found, pod.Namespace+"/"+name)
	}
	return found, nil
}
