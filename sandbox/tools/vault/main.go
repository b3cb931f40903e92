// Command vault is HashiCorp Vault as released, without the web UI (its assets are not part of the Go module).
package main

import (
	"os"

	"github.com/hashicorp/vault/command"
)

func main() {
	os.Exit(command.Run(os.Args[1:]))
}
