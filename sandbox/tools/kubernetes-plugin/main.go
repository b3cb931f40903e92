// Command kubernetes-plugin is Pulumi's own provider plugin for Kubernetes, from its Go module. Releases are no registry
// packages, and the module's own main embeds two files that only its release build makes. They are read instead from
// beside the binary, where the build keeps the folder of the module that has them.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

func main() {
	schema, mapping, err := descriptions()
	if err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes-plugin:", err)
		os.Exit(1)
	}
	provider.Serve("kubernetes", version.Version, schema, mapping)
}

func descriptions() (schema, mapping []byte, err error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	// The engine calls it by a link.
	binary, err = filepath.EvalSymlinks(binary)
	if err != nil {
		return nil, nil, err
	}
	folder := filepath.Join(filepath.Dir(binary), "pulumi-resource-kubernetes")
	schema, err = os.ReadFile(filepath.Join(folder, "schema.json"))
	if err != nil {
		return nil, nil, err
	}
	mapping, err = os.ReadFile(filepath.Join(folder, "terraform-mapping.json"))
	return schema, mapping, err
}
