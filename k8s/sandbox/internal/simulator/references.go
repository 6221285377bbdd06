package simulator

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// missingForEnv is the message of a kubelet that cannot make a container's environment, or "".
// Wording: kubelet_pods.go, makeEnvironmentVariables.
func (w *world) missingForEnv(namespace string, container corev1.Container) string {
	for _, from := range container.EnvFrom {
		var missing string
		switch {
		case from.SecretRef != nil && !isTrue(from.SecretRef.Optional):
			missing = w.missingSecret(namespace, from.SecretRef.Name)
		case from.ConfigMapRef != nil && !isTrue(from.ConfigMapRef.Optional):
			missing = w.missingConfigMap(namespace, from.ConfigMapRef.Name)
		}
		if missing != "" {
			return missing
		}
	}
	for _, variable := range container.Env {
		if variable.ValueFrom == nil {
			continue
		}
		var missing string
		if ref := variable.ValueFrom.SecretKeyRef; ref != nil && !isTrue(ref.Optional) {
			missing = w.missingSecret(namespace, ref.Name, ref.Key)
		}
		if ref := variable.ValueFrom.ConfigMapKeyRef; ref != nil && !isTrue(ref.Optional) {
			missing = w.missingConfigMap(namespace, ref.Name, ref.Key)
		}
		if missing != "" {
			return missing
		}
	}
	return ""
}

// missingForVolumes is the message of a kubelet that cannot mount a pod's volumes, or "".
func (w *world) missingForVolumes(pod *corev1.Pod) string {
	for _, volume := range pod.Spec.Volumes {
		if missing := w.missingForVolume(pod.Namespace, volume); missing != "" {
			return fmt.Sprintf("MountVolume.SetUp failed for volume %q : %s", volume.Name, missing)
		}
	}
	return ""
}

func (w *world) missingForVolume(namespace string, volume corev1.Volume) string {
	if source := volume.Secret; source != nil && !isTrue(source.Optional) {
		return w.missingSecret(namespace, source.SecretName, keysOf(source.Items)...)
	}
	if source := volume.ConfigMap; source != nil && !isTrue(source.Optional) {
		return w.missingConfigMap(namespace, source.Name, keysOf(source.Items)...)
	}
	if volume.Projected == nil {
		return ""
	}
	for _, source := range volume.Projected.Sources {
		var missing string
		if source.Secret != nil && !isTrue(source.Secret.Optional) {
			missing = w.missingSecret(namespace, source.Secret.Name, keysOf(source.Secret.Items)...)
		}
		if source.ConfigMap != nil && !isTrue(source.ConfigMap.Optional) {
			missing = w.missingConfigMap(namespace, source.ConfigMap.Name, keysOf(source.ConfigMap.Items)...)
		}
		if missing != "" {
			return missing
		}
	}
	return ""
}

func (w *world) missingSecret(namespace, name string, keys ...string) string {
	secret, err := w.secrets.Secrets(namespace).Get(name)
	if err != nil {
		return fmt.Sprintf("secret %q not found", name)
	}
	for _, key := range keys {
		if _, has := secret.Data[key]; !has {
			return fmt.Sprintf("couldn't find key %s in Secret %s/%s", key, namespace, name)
		}
	}
	return ""
}

func (w *world) missingConfigMap(namespace, name string, keys ...string) string {
	configMap, err := w.configMaps.ConfigMaps(namespace).Get(name)
	if err != nil {
		return fmt.Sprintf("configmap %q not found", name)
	}
	for _, key := range keys {
		_, isText := configMap.Data[key]
		_, isBinary := configMap.BinaryData[key]
		if !isText && !isBinary {
			return fmt.Sprintf("couldn't find key %s in ConfigMap %s/%s", key, namespace, name)
		}
	}
	return ""
}

func keysOf(items []corev1.KeyToPath) []string {
	keys := make([]string, 0, len(items))
	for _, item := range items {
		keys = append(keys, item.Key)
	}
	return keys
}

func isTrue(flag *bool) bool { return flag != nil && *flag }
