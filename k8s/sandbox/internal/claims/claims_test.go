package claims

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"

	"forge.dev/sandbox/internal/steer"
)

func claimOf(name string, annotations map[string]string) *corev1.PersistentVolumeClaim {
	class := ClassName
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: "uid-1", Annotations: annotations},
		Spec: corev1.PersistentVolumeClaimSpec{
			StorageClassName: &class,
			Resources:        corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
		Status: corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimPending},
	}
}

func podUsing(claim string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db"},
		Spec: corev1.PodSpec{Volumes: []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
		}}}},
	}
}

// running is a client of a cluster in which these objects are, and claims get their volumes.
func running(t *testing.T, objects ...runtime.Object) *fake.Clientset {
	t.Helper()
	client := fake.NewClientset(append(objects, DefaultClass())...)
	factory := informers.NewSharedInformerFactory(client, 0)
	run, err := Setup(t.Context(), client, factory)
	if err != nil {
		t.Fatal(err)
	}
	factory.Start(t.Context().Done())
	factory.WaitForCacheSync(t.Context().Done())
	go run(t.Context())
	return client
}

func TestAClaimGetsAVolumeOnceAPodUsesIt(t *testing.T) {
	client := running(t, claimOf("used", nil), claimOf("idle", nil), podUsing("used"))
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		volumes, err := client.CoreV1().PersistentVolumes().List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(volumes.Items) == 0 {
			continue
		}
		time.Sleep(100 * time.Millisecond)
		volumes, _ = client.CoreV1().PersistentVolumes().List(t.Context(), metav1.ListOptions{})
		if len(volumes.Items) != 1 || volumes.Items[0].Spec.ClaimRef.Name != "used" {
			t.Errorf("volumes: %+v", volumes.Items)
		}
		return
	}
	t.Error("no volume was made")
}

func TestAClaimThatFailsGetsNone(t *testing.T) {
	client := running(t, claimOf("full", map[string]string{steer.Fail: failProvisioning}), podUsing("full"))
	time.Sleep(300 * time.Millisecond)
	volumes, err := client.CoreV1().PersistentVolumes().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(volumes.Items) != 0 {
		t.Errorf("%v, volumes: %+v", err, volumes.Items)
	}
}
