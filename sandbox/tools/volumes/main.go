// Command volumes makes and removes the directories behind the persistent volumes of the sandbox's one node.
//
// It runs on the host. The two ready-made ways are both worse here: the controller-manager's host-path provisioner makes
// directories of mode 0750 that belong to root and are PersistentVolumes without node affinity, on which the kubelet
// ignores fsGroup, so a pod that is not root cannot write; local-path-provisioner starts a helper pod, hence needs an
// image with a shell, for every volume made or removed.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "path of the kubeconfig")
	provisioner := flag.String("provisioner", "", "name the storage class gives as its provisioner")
	root := flag.String("root", "", "directory that holds one directory per volume")
	metrics := flag.String("metrics-address", "", "address and port of /metrics, which answers once the program runs")
	flag.Parse()
	if err := run(*kubeconfig, *provisioner, *root, *metrics); err != nil {
		fmt.Fprintln(os.Stderr, "volumes:", err)
		os.Exit(1)
	}
}

func run(kubeconfig, provisioner, root, metrics string) error {
	if !filepath.IsAbs(root) {
		return fmt.Errorf("-root: must be an absolute path, got %q", root)
	}
	host, portText, err := net.SplitHostPort(metrics)
	if err != nil {
		return fmt.Errorf("-metrics-address: %w", err)
	}
	port, err := strconv.ParseInt(portText, 10, 32)
	if err != nil {
		return fmt.Errorf("-metrics-address: %w", err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	controller.NewProvisionController(ctx, client, provisioner, directories{root},
		controller.LeaderElection(false),
		controller.MetricsAddress(host),
		controller.MetricsPort(int32(port)),
		// A pod that cannot leave its volume yet is retried soon, not after the library's five minutes.
		controller.RetryIntervalMax(5*time.Second),
		controller.FailedProvisionThreshold(0),
		controller.FailedDeleteThreshold(0),
	).Run(ctx)
	return nil
}

// directories provisions each volume as a directory of the same name under root.
type directories struct{ root string }

// Provision makes a world-writable directory: a stand-in for a freshly formatted disk, which fsGroup then narrows
// or, in a pod without fsGroup, leaves writable.
func (d directories) Provision(_ context.Context, options controller.ProvisionOptions) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	path := filepath.Join(d.root, options.PVName)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	// MkdirAll is subject to the umask.
	if err := os.Chmod(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	mode := corev1.PersistentVolumeFilesystem
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: options.PVC.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes:                   options.PVC.Spec.AccessModes,
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			StorageClassName:              options.StorageClass.Name,
			VolumeMode:                    &mode,
			PersistentVolumeSource:        corev1.PersistentVolumeSource{Local: &corev1.LocalVolumeSource{Path: path}},
			NodeAffinity: &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
				MatchExpressions: []corev1.NodeSelectorRequirement{{
					Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{options.SelectedNodeName},
				}},
			}}}},
		},
	}, controller.ProvisioningFinished, nil
}

// Delete removes the directory of a released volume. The path is computed from the volume's name and not read from the
// object, which anyone with access to the cluster may have edited.
func (d directories) Delete(_ context.Context, volume *corev1.PersistentVolume) error {
	return os.RemoveAll(filepath.Join(d.root, volume.Name))
}
