// Command coredns is the DNS server of the sandbox's cluster: CoreDNS with no plugin but the ones its Corefile uses.
// The stock program links every cloud's client library, which triples the build for nothing.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/ready"
)

// The order in which a query passes the plugins; it is that of upstream's plugin.cfg.
var order = []string{"bind", "ready", "errors", "cache", "loadbalance", "kubernetes", "forward"}

func main() {
	dnsserver.Directives = order
	coremain.Run()
}
